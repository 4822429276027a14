import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectorConfig } from '../api/config-def.ts'
import type { JsonObject, SourceRecord } from '../api/record.ts'
import type { SourceBatch, SourceTask, SourceTaskContext } from '../api/source-task.ts'
import { quickstarts } from './quickstarts.ts'
import { SeededRandom } from './random.ts'
import { datagenConfigDef } from './source-connector.ts'

const MOST_AT_ONCE = 500
/** The longest that a steady rate waits, so that it is made up of small steps. */
const STEP_MS = 100

/** Makes up records one after the other; its offset is the number of those that were made. */
export class DatagenSourceTask implements SourceTask {
  #config = datagenConfigDef.parse({})
  #context: SourceTaskContext | null = null
  #made = 0
  /** When the rate was counted from, and how many there were then. */
  #since = { ms: 0, made: 0 }

  async start(config: ConnectorConfig, context: SourceTaskContext): Promise<void> {
    this.#config = datagenConfigDef.parse(config)
    this.#context = context
    this.#made = Number((await context.offset(this.#partition))?.['iteration'] ?? 0)
    this.#since = { ms: performance.now(), made: this.#made }
  }

  async poll(): Promise<SourceBatch | null> {
    const { signal } = this.#context!
    const count = await this.#wait(signal).catch(() => 0)
    if (count === 0 || signal.aborted) return null
    const records = Array.from({ length: count }, (_, i) => this.#record(this.#made + i))
    this.#made += count
    return {
      parts: [{ kind: 'records', records }],
      partition: this.#partition,
      offset: { iteration: this.#made },
    }
  }

  commit(): void {}

  async stop(): Promise<void> {}

  /** Waits until there is something to make; answers how many. */
  async #wait(signal: AbortSignal): Promise<number> {
    const { iterations, 'max.interval': interval, 'records.per.second': rate } = this.#config
    const left = iterations < 0n ? MOST_AT_ONCE : Math.min(Number(iterations) - this.#made, MOST_AT_ONCE)
    if (left <= 0) {
      await delay(2 ** 31 - 1, undefined, { signal })
      return 0
    }
    if (rate > 0) return this.#waitForRate(rate, left, signal)
    const most = Number(interval)
    if (most <= 0) return left
    await delay(Math.floor(this.#randomOf(this.#made, 1n).next() * most), undefined, { signal })
    return 1
  }

  async #waitForRate(rate: number, left: number, signal: AbortSignal): Promise<number> {
    for (;;) {
      const seconds = (performance.now() - this.#since.ms) / 1000
      const due = Math.floor(this.#since.made + seconds * rate) - this.#made
      // After a pause of the connector nothing is made up for.
      if (due > rate + MOST_AT_ONCE) this.#since = { ms: performance.now(), made: this.#made }
      else if (due > 0) return Math.min(due, left)
      await delay(Math.min(1000 / rate, STEP_MS), undefined, { signal })
    }
  }

  #record(index: number): SourceRecord {
    const quickstart = quickstarts[this.#config.quickstart.toLowerCase()]!
    const { keySchema, valueSchema } = quickstart
    const { key, value } = quickstart.record(index, this.#randomOf(index, 0n))
    return {
      topic: this.#config['kafka.topic'] ?? this.#config.quickstart.toLowerCase(),
      partition: null,
      keySchema,
      key,
      valueSchema,
      value,
      timestamp: Date.now(),
      headers: [],
    }
  }

  /** By the record's number, so that a restarted task makes the same ones. */
  #randomOf(index: number, stream: bigint): SeededRandom {
    const seed = this.#config['random.seed']
    const task = BigInt(this.#context!.taskId)
    return new SeededRandom(seed * 1_000_003n + task, BigInt(index) * 2n + stream)
  }

  get #partition(): JsonObject {
    return { 'task.id': this.#context!.taskId }
  }
}
