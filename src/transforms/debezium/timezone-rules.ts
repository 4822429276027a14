import { ConfigError } from '../../api/errors.ts'

const LIST = /^\[(source|topic|[".\w\s]+):([".\w\s]+(?::[".\w\s]+)?(?:,|\]$))+$/

/** Which fields of a table or topic a list names; an empty set stands for all of them. */
export class TimezoneRules {
  readonly #byTopic = new Map<string, Set<string>>()
  readonly #byTable = new Map<string, Set<string>>()
  readonly #byEither = new Map<string, Set<string>>()

  /**
   * @param kind include or exclude, for the message
   * Throws `ConfigError`.
   */
  constructor(kind: 'include' | 'exclude', entries: readonly string[]) {
    if (!LIST.test(`[${entries.join(', ')}]`)) {
      throw new ConfigError(
        'connect.config-invalid',
        `Invalid ${kind} list format. Please specify a list of rules in the format of "source:<tablename>:<fieldnames>", "topic:<topicname>:<fieldnames>", "<matchname>:<fieldnames>"`,
      )
    }
    // A prefix holds for the entries after it too.
    let rules = this.#byEither
    for (const entry of entries) {
      const parts = entry.split(':')
      const prefix = parts[0]!.toLowerCase()
      const hasPrefix = parts.length > 1 && (prefix === 'source' || prefix === 'topic')
      if (hasPrefix) rules = prefix === 'source' ? this.#byTable : this.#byTopic
      const [name = '', field] = hasPrefix ? parts.slice(1) : parts
      const fields = rules.get(name) ?? new Set()
      rules.set(name, fields)
      if (field !== undefined) fields.add(field)
    }
  }

  /** Null: the list names neither the table nor the topic. */
  fieldsOf(topic: string, table: string | null): ReadonlySet<string> | null {
    const ofTable = table === null ? undefined : this.#byTable.get(table)
    return (
      this.#byTopic.get(topic) ??
      ofTable ??
      this.#byEither.get(topic) ??
      this.#byEither.get(table ?? '') ??
      null
    )
  }
}
