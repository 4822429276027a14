import { ConnectError } from '../api/errors.ts'
import type { Log } from '../log/log.ts'
import { parseJsonObject, stringifyJson } from '../api/json/json-text.ts'
import type { WorkerConfig } from './config/worker-config.ts'

const SPACE = 'connector-topic'

/** Which topics each connector has used since it was created or they were reset. */
export class ActiveTopics {
  readonly #log: Log
  /** Of each connector the ids of its topics, null where it only reads. */
  readonly #byConnector = new Map<string, Map<string, string | null>>()

  constructor(log: Log) {
    this.#log = log
  }

  async recover(): Promise<void> {
    for (const [key, value] of await this.#log.readState(SPACE)) {
      const [connector, topic] = JSON.parse(key) as [string, string]
      const { id } = parseJsonObject(value)
      this.#of(connector).set(topic, typeof id === 'string' ? id : null)
    }
  }

  topics(connector: string): readonly string[] {
    return [...(this.#byConnector.get(connector)?.keys() ?? [])].sort()
  }

  /** Of the topics that a source has written to, as they were then. */
  ids(connector: string): ReadonlyMap<string, string> {
    return knownIds(this.#byConnector.get(connector))
  }

  async add(connector: string, topic: string, id: string | null): Promise<void> {
    const topics = this.#of(connector)
    if (topics.get(topic) === id) return
    topics.set(topic, id)
    const value = stringifyJson({ discoverTimestamp: Date.now(), ...(id !== null && { id }) })
    await this.#log.writeState([{ space: SPACE, key: JSON.stringify([connector, topic]), value }])
  }

  async clear(connector: string): Promise<void> {
    const topics = this.topics(connector)
    this.#byConnector.delete(connector)
    if (topics.length === 0) return
    await this.#log.writeState(
      topics.map((topic) => ({ space: SPACE, key: JSON.stringify([connector, topic]), value: null })),
    )
  }

  #of(connector: string): Map<string, string | null> {
    let topics = this.#byConnector.get(connector)
    if (topics === undefined) this.#byConnector.set(connector, (topics = new Map()))
    return topics
  }
}

/** Without those of which none is known. */
export function knownIds(
  topics: ReadonlyMap<string, string | null> = new Map(),
): ReadonlyMap<string, string> {
  return new Map([...topics].flatMap(([topic, id]) => (id === null ? [] : [[topic, id]])))
}

/** Throws `connect.tracking-disabled`. */
export function requireTopicTracking({ options }: WorkerConfig, use: 'read' | 'reset'): void {
  const refused = (message: string) => new ConnectError('connect.tracking-disabled', message)
  if (!options['topic.tracking.enable']) throw refused('Topic tracking is disabled.')
  if (use === 'reset' && !options['topic.tracking.allow.reset']) {
    throw refused('Topic tracking reset is disabled.')
  }
}
