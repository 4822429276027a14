import { recordCount } from '../../api/record-batch.ts'
import type { SourceBatch } from '../../api/source-task.ts'
import type { PartitionBatch } from '../../log/log.ts'
import { recordsIn, type EndedAppend } from './append-queue.ts'
import type { TaskMeter } from '../task/task-meter.ts'

/** Counts what a source task polled, and what of it is in the log. */
export class SourceMeter {
  readonly #meter: TaskMeter
  /** Records that are not durable yet. */
  #active = 0

  constructor(meter: TaskMeter) {
    this.#meter = meter
  }

  /** Nothing is under way: the task starts, or has ended. */
  reset(): void {
    this.#moveActive(-this.#active, this.#meter.now())
  }

  polled({ parts }: SourceBatch, tookMs: number): void {
    let count = 0
    for (const part of parts) count += part.kind === 'encoded' ? recordCount(part.batch) : part.records.length
    // Only an offset: no batch.
    if (count === 0) return
    const nowMs = this.#meter.now()
    this.#meter.add('source-record-poll-total', count, nowMs)
    this.#meter.observe('batch-size', count, nowMs)
    this.#meter.observe('poll-batch-time-ms', tookMs, nowMs)
  }

  /** They are about to be appended; what transformations dropped is not among them. */
  encoded(batches: readonly PartitionBatch[]): void {
    const count = recordsIn(batches)
    if (count === 0) return
    const nowMs = this.#meter.now()
    this.#meter.add('source-record-write-total', count, nowMs)
    this.#moveActive(count, nowMs)
  }

  /** Source offsets are written with the records: an append is a commit of theirs. */
  appended({ records, tookMs, isDurable }: Omit<EndedAppend, 'baseOffsets'>): void {
    const nowMs = this.#meter.now()
    this.#meter.observe('offset-commit-success', isDurable ? 1 : 0, nowMs)
    if (!isDurable) return
    this.#meter.observe('offset-commit-time-ms', tookMs, nowMs)
    this.#moveActive(-records, nowMs)
  }

  #moveActive(change: number, nowMs: number): void {
    this.#active += change
    this.#meter.set('source-record-active-count', this.#active, nowMs)
  }
}
