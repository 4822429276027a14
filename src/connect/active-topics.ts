import { ConnectError } from '../api/errors.ts'
import type { Log } from '../log/log.ts'
import type { WorkerConfig } from './worker-config.ts'

const SPACE = 'connector-topic'

/** Which topics each connector has used since it was created or they were reset. */
export class ActiveTopics {
  readonly #log: Log
  readonly #byConnector = new Map<string, Set<string>>()

  constructor(log: Log) {
    this.#log = log
  }

  async recover(): Promise<void> {
    for (const key of (await this.#log.readState(SPACE)).keys()) {
      const [connector, topic] = JSON.parse(key) as [string, string]
      this.#of(connector).add(topic)
    }
  }

  topics(connector: string): readonly string[] {
    return [...(this.#byConnector.get(connector) ?? [])].sort()
  }

  async add(connector: string, topic: string): Promise<void> {
    const topics = this.#of(connector)
    if (topics.has(topic)) return
    topics.add(topic)
    const value = JSON.stringify({ discoverTimestamp: Date.now() })
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

  #of(connector: string): Set<string> {
    let topics = this.#byConnector.get(connector)
    if (topics === undefined) this.#byConnector.set(connector, (topics = new Set()))
    return topics
  }
}

/** Throws `connect.tracking-disabled`. */
export function requireTopicTracking({ options }: WorkerConfig, use: 'read' | 'reset'): void {
  const refused = (message: string) => new ConnectError('connect.tracking-disabled', message)
  if (!options['topic.tracking.enable']) throw refused('Topic tracking is disabled.')
  if (use === 'reset' && !options['topic.tracking.allow.reset']) {
    throw refused('Topic tracking reset is disabled.')
  }
}
