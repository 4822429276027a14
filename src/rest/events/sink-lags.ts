import { setTimeout as delay } from 'node:timers/promises'
import { RecordBatchReader } from '../../api/record-batch.ts'
import type { JsonObject } from '../../api/record.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import { sinkLag } from '../../connect/health/sink-lag.ts'
import type { Herder } from '../../connect/herder.ts'
import type { Log } from '../../log/log.ts'

/** A round over all sinks begins so long after the one before has ended: with a Kafka cluster each look is a call. */
const PAUSE_MS = 1000

/** How far sinks are behind, looked at one after the other for as long as somebody wants to know. */
export class SinkLags {
  readonly #herder: Herder
  readonly #lags = new Map<string, JsonObject>()

  constructor(herder: Herder) {
    this.#herder = herder
  }

  of(connector: string): JsonObject | null {
    return this.#lags.get(connector) ?? null
  }

  /** Never rejects: what cannot be looked at now is not known now. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const name of this.#herder.connectors()) {
        if (signal.aborted) break
        await this.#look(name).catch(() => this.#lags.delete(name))
      }
      await delay(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
    this.#lags.clear()
  }

  async #look(name: string): Promise<void> {
    const { config, type } = this.#herder.connectorInfo(name)
    if (type !== 'sink') return
    const { log } = this.#herder
    const { records, first } = await sinkLag(log, name, config)
    const sinceMs = first === null ? null : await timestampAt(log, first)
    this.#lags.set(name, {
      lag_records: records,
      lag_ms: sinceMs === null ? 0 : Math.max(0, Date.now() - sinceMs),
    })
  }
}

/** When the first record from a position on was written. */
async function timestampAt(log: Log, from: TopicPartitionOffset): Promise<number | null> {
  for (const batch of await log.read(from, 1)) {
    for (const reader = new RecordBatchReader(batch); reader.next();) {
      if (reader.offset >= from.offset) return reader.timestampMs
    }
  }
  return null
}
