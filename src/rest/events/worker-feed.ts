import type { JsonObject } from '../../api/record.ts'
import { stringifyJson } from '../../api/json/json-text.ts'
import type { Herder } from '../../connect/herder.ts'
import type { ConnectorHealth } from '../endpoints/health-endpoints.ts'
import { connectorSample } from './connector-sample.ts'
import { connectorView } from './connector-view.ts'
import type { EventStream } from './event-stream.ts'
import { SinkLags } from './sink-lags.ts'

/** States are looked at so often; numbers at every second look. */
const LOOK_EVERY_MS = 500

/**
 * What happens in a worker, told to everybody who follows it: `worker` once, `connectors` with all of them and then with
 * those that changed, `sample` with numbers at once and then every second. One look serves all, and nobody looks while nobody follows.
 */
export class WorkerFeed {
  readonly #herder: Herder
  readonly #health: ConnectorHealth
  readonly #lags: SinkLags
  readonly #followers = new Set<EventStream>()
  /** What followers know of each connector, as JSON. */
  readonly #known = new Map<string, string>()
  #timer: NodeJS.Timeout | null = null
  #watching: AbortController | null = null
  #looks = 0

  constructor(herder: Herder, health: ConnectorHealth) {
    this.#herder = herder
    this.#health = health
    this.#lags = new SinkLags(herder)
  }

  follow(stream: EventStream): void {
    const { version, commit, kafkaClusterId, group } = this.#herder
    stream.send('worker', { version, commit, kafka_cluster_id: kafkaClusterId, has_group: group !== null })
    if (this.#followers.size === 0) this.#begin()
    this.#tellChanges()
    this.#followers.add(stream)
    stream.sendText('connectors', `{"changed":[${[...this.#known.values()].join(',')}],"removed":[]}`)
    // Numbers at once, and rates with the next.
    stream.send('sample', this.#sample())
    stream.signal.addEventListener('abort', () => this.#leave(stream), { once: true })
    if (stream.signal.aborted) this.#leave(stream)
  }

  #begin(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref()
    this.#watching = new AbortController()
    void this.#lags.watch(this.#watching.signal)
  }

  #leave(stream: EventStream): void {
    this.#followers.delete(stream)
    if (this.#followers.size > 0) return
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#watching?.abort()
    this.#known.clear()
  }

  #look(): void {
    this.#tellChanges()
    if (this.#looks++ % 2 === 0) this.#tell('sample', stringifyJson(this.#sample()))
  }

  #tellChanges(): void {
    const names = this.#herder.connectors()
    const problems = this.#health.problems()
    const changed: string[] = []
    for (const name of names) {
      const view = connectorView(this.#herder, name, problems)
      if (view === null) continue
      const json = stringifyJson(view)
      if (this.#known.get(name) === json) continue
      this.#known.set(name, json)
      changed.push(json)
    }
    const removed = [...this.#known.keys()].filter((name) => !names.includes(name))
    for (const name of removed) this.#known.delete(name)
    if (changed.length === 0 && removed.length === 0) return
    const json = `{"changed":[${changed.join(',')}],"removed":${JSON.stringify(removed)}}`
    for (const follower of this.#followers) follower.sendText('connectors', json)
  }

  #sample(): JsonObject {
    const nowMs = Date.now()
    const connectors: Record<string, JsonObject> = {}
    for (const name of this.#known.keys()) {
      const counted = connectorSample(this.#herder.taskMeters(name), nowMs)
      const lag = this.#lags.of(name)
      if (counted !== null || lag !== null) connectors[name] = { ...counted, ...lag }
    }
    return { at: nowMs, memory_bytes: process.memoryUsage.rss(), connectors }
  }

  /** Numbers come again: a client that is behind does without. */
  #tell(event: string, json: string): void {
    for (const follower of this.#followers) if (follower.hasRoom) follower.sendText(event, json)
  }
}
