import type { ConnectorHistory } from './connector-history.ts'
import { Series } from './series.ts'
import type { ConnectorView } from './worker-events.ts'

/** All connectors together, second by second. */
export class WorkerTotals {
  /** Records a second that sources wrote to topics. */
  readonly captured = new Series()
  /** Records a second that sinks took over. */
  readonly delivered = new Series()
  readonly lagRecords = new Series()
  /** Of the one that is furthest behind. */
  readonly lagMs = new Series()
  readonly walBytes = new Series()
  /** From commit to document: what sources and sinks took, on average. */
  readonly delayMs = new Series()

  push(connectors: readonly ConnectorView[], historyOf: (name: string) => ConnectorHistory | null): void {
    const lasts = connectors.map(({ name, type }) => ({ type, history: historyOf(name) }))
    const of = (wanted: string | null, pick: (history: ConnectorHistory) => Series): number[] =>
      lasts.flatMap(({ type, history }) => {
        const last = history === null || (wanted !== null && type !== wanted) ? NaN : pick(history).last
        return Number.isNaN(last) ? [] : [last]
      })
    this.captured.push(sum(of('source', ({ rate }) => rate)))
    this.delivered.push(sum(of('sink', ({ rate }) => rate)))
    this.lagRecords.push(sum(of('sink', ({ lagRecords }) => lagRecords)))
    this.lagMs.push(Math.max(...of(null, ({ lagMs }) => lagMs), -Infinity))
    this.walBytes.push(sum(of('source', ({ walBytes }) => walBytes)))
    const delays = of('sink', ({ delayMs }) => delayMs)
    const behind = of('source', ({ lagMs }) => lagMs)
    this.delayMs.push(
      delays.length === 0 ? NaN : average(delays) + (behind.length === 0 ? 0 : average(behind)),
    )
  }
}

/** NaN for nothing: nobody knew. */
function sum(values: readonly number[]): number {
  return values.length === 0 ? NaN : values.reduce((total, value) => total + value, 0)
}

function average(values: readonly number[]): number {
  return sum(values) / values.length
}
