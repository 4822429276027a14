import type { Metrics } from '../../../api/metrics.ts'
import type { SnapshotGauge } from '../snapshot-meter.ts'
import type { SnapshotTraces } from '../snapshot-traces.ts'
import type { KeyTexts } from './chunk-query.ts'

/** What Debezium's metrics of the snapshot say while an incremental one goes on. */
export class IncrementalMeter {
  readonly #metrics: Metrics<SnapshotGauge>
  readonly #traces: SnapshotTraces
  readonly #now: () => number
  #startedMs = 0
  #pausedMs = 0
  /** Since when it is paused; null: it is not. */
  #pausedAtMs: number | null = null
  #total = 0
  #chunks = 0
  #rows = 0

  constructor(
    metrics: Metrics<SnapshotGauge>,
    traces: SnapshotTraces,
    now: () => number = () => performance.now(),
  ) {
    this.#metrics = metrics
    this.#traces = traces
    this.#now = now
  }

  /** @param tables still to be read, those under way included */
  started(tables: number): void {
    this.#startedMs = this.#now()
    this.#traces.started()
    this.#pausedMs = this.#rows = this.#chunks = 0
    this.#pausedAtMs = null
    this.#total = tables
    for (const name of ['SnapshotCompleted', 'SnapshotAborted', 'SnapshotPaused'] as const) {
      this.#metrics.set(name, 0)
    }
    this.#metrics.set('SnapshotRunning', 1)
    this.#tables(tables)
  }

  added(tables: number, remaining: number): void {
    this.#total += tables
    this.#tables(remaining)
  }

  paused(isPaused: boolean): void {
    const nowMs = this.#now()
    if (this.#pausedAtMs !== null) this.#pausedMs += nowMs - this.#pausedAtMs
    this.#pausedAtMs = isPaused ? nowMs : null
    this.#metrics.set('SnapshotPaused', isPaused ? 1 : 0)
    this.#metrics.set('SnapshotPausedDurationInSeconds', Math.floor(this.#pausedMs / 1000))
  }

  tableBegun(from: KeyTexts | null, to: KeyTexts): void {
    this.#chunks = 0
    this.#metrics.set('TableFrom', keyNumber(from))
    this.#metrics.set('TableTo', keyNumber(to))
  }

  /** A chunk is being emitted. */
  chunk(rows: number, from: KeyTexts | null, to: KeyTexts | null): void {
    const metrics = this.#metrics
    metrics.set('ChunkId', ++this.#chunks)
    metrics.set('ChunkFrom', keyNumber(from))
    metrics.set('ChunkTo', keyNumber(to))
    metrics.set('TotalNumberOfEventsSeen', (this.#rows += rows))
    metrics.set('TotalNumberOfReadEventsSeen', this.#rows)
    metrics.set('MilliSecondsSinceLastEvent', Date.now())
    metrics.set('SnapshotDurationInSeconds', Math.floor((this.#now() - this.#startedMs) / 1000))
  }

  /** A table is read, or left. */
  tablesLeft(remaining: number): void {
    this.#metrics.set('RemainingTableCount', remaining)
  }

  /** There are no more tables. */
  ended(how: 'SnapshotCompleted' | 'SnapshotAborted'): void {
    if (this.#pausedAtMs !== null) this.paused(false)
    this.#metrics.set('SnapshotRunning', 0)
    this.#metrics.set(how, 1)
    const isComplete = how === 'SnapshotCompleted'
    this.#traces.ended('incremental snapshot', { isComplete, rows: this.#rows, tables: this.#total })
    this.tablesLeft(0)
  }

  #tables(remaining: number): void {
    this.#metrics.set('TotalTableCount', this.#total)
    this.tablesLeft(remaining)
  }
}

/** What a gauge can show of a key: that of one column that is a number; 0 for others. */
function keyNumber(key: KeyTexts | null): number {
  const value = key?.length === 1 && key[0] !== null ? Number(key[0]) : 0
  return Number.isFinite(value) ? value : 0
}
