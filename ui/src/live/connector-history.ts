import { Series } from './series.ts'
import type { ConnectorNumbers } from './worker-events.ts'

/** What is drawn of a connector, second by second. */
export class ConnectorHistory {
  /** Records a second: of a source those written to topics, of a sink those taken over. */
  readonly rate = new Series()
  readonly lagRecords = new Series()
  /** Of a source: WAL that it has not confirmed. */
  readonly lagBytes = new Series()
  readonly lagMs = new Series()
  readonly walBytes = new Series()
  /** From the record in its topic to the document that a search may find. */
  readonly delayMs = new Series()
  numbers: ConnectorNumbers = {}
  #atMs = 0

  push(numbers: ConnectorNumbers, atMs: number): void {
    const before = this.numbers
    const seconds = (atMs - this.#atMs) / 1000
    const isFirst = this.#atMs === 0 || seconds <= 0
    const grown = (now?: number, then?: number): number =>
      isFirst || now === undefined || then === undefined ? NaN : Math.max(0, now - then)
    this.rate.push(grown(numbers.written, before.written) / seconds)
    this.lagRecords.push(numbers.lag_records ?? NaN)
    this.lagBytes.push(numbers.lag_bytes ?? NaN)
    this.lagMs.push(numbers.lag_ms ?? (numbers.streaming === 1 ? (numbers.behind_ms ?? NaN) : NaN))
    this.walBytes.push(numbers.retained_wal_bytes ?? NaN)
    const requests = grown(numbers.indexed_requests, before.indexed_requests)
    this.delayMs.push(
      requests > 0 ? grown(numbers.indexed_delay_ms, before.indexed_delay_ms) / requests : NaN,
    )
    this.numbers = numbers
    this.#atMs = atMs
  }
}
