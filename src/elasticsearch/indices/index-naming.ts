const MAX_NAME_LENGTH = 255
const MAX_NAMESPACE_LENGTH = 100

/**
 * The index of a topic, as the reference names it: lower case, at most 255 characters, without one leading `-` or `_`.
 * Other characters that Elasticsearch forbids are left for it to refuse.
 */
export function indexName(topic: string): string {
  const lower = topic.toLowerCase().slice(0, MAX_NAME_LENGTH)
  const name = lower.startsWith('-') || lower.startsWith('_') ? lower.slice(1) : lower
  if (name === '.') return 'dot'
  if (name === '..') return 'dotdot'
  return name
}

export interface DataStreamName {
  readonly type: string
  readonly dataset: string
  readonly namespace: string
}

/** The data stream of a topic: `type-dataset-namespace`, lower case, the namespace at most 100 characters. */
export function dataStreamName({ type, dataset, namespace }: DataStreamName, topic: string): string {
  const own = namespace.replaceAll('${topic}', topic).slice(0, MAX_NAMESPACE_LENGTH)
  return `${type}-${dataset}-${own}`.toLowerCase()
}

/** `index.name.format`, taken apart. */
export class IndexNameFormat {
  /** Whether names depend on the time of a record. */
  readonly isDated: boolean
  readonly #format: string

  constructor(format: string) {
    this.#format = format
    this.isDated = DATE.test(format)
  }

  /** @param timestampMs of the record; counts where the format has a date */
  nameOf(topic: string, timestampMs: number): string {
    const dated = this.#format.replaceAll(DATES, (_, pattern: string) => dateText(pattern, timestampMs))
    return indexName(dated.replaceAll('${topic}', () => topic))
  }
}

const DATE = /(?<!\$)\{([^}]*)\}/
const DATES = new RegExp(DATE, 'g')
const HOUR_MS = 3_600_000

/** Names change at most with the hour. */
export function hourOf(timestampMs: number): number {
  return Math.floor(timestampMs / HOUR_MS)
}

/** Why a format is none, or null. */
export function indexNameProblem(format: string): string | null {
  const bad = [...format.matchAll(DATES)].find(([, pattern]) => !/^(?:yyyy|MM|dd|HH|[._-])+$/.test(pattern!))
  return bad === undefined ? null : `{${bad[1]}} may have yyyy, MM, dd and HH, with . - _ between`
}

function dateText(pattern: string, timestampMs: number): string {
  const iso = new Date(timestampMs).toISOString()
  const parts: Readonly<Record<string, string>> = {
    yyyy: iso.slice(0, 4),
    MM: iso.slice(5, 7),
    dd: iso.slice(8, 10),
    HH: iso.slice(11, 13),
  }
  return pattern.replaceAll(/yyyy|MM|dd|HH/g, (part) => parts[part]!)
}
