import type { SinkBatch } from '../api/sink-task.ts'
import type { BulkWriter } from './bulk-writer.ts'
import type { OffsetTracker, PartitionProgress } from './offset-tracker.ts'
import type { RecordTaker } from './record-taker.ts'

/** How long a failing `put` waits for the records before the bad one. */
const LAST_WAIT_MS = 10_000

export interface RecordIntakeParts {
  readonly signal: AbortSignal
  readonly writer: BulkWriter
  readonly tracker: OffsetTracker
}

/** Takes the batches of `put` in their order, and knows from which record on nothing may be committed yet. */
export class RecordIntake {
  readonly #taker: RecordTaker
  readonly #parts: RecordIntakeParts

  constructor(taker: RecordTaker, parts: RecordIntakeParts) {
    this.#taker = taker
    this.#parts = parts
  }

  /** Resolves when all records are in requests and there is room for more. */
  async take(batches: readonly SinkBatch[]): Promise<void> {
    const { writer } = this.#parts
    writer.check()
    const checked = batches.map((batch) => (batch.kind === 'json' ? this.#taker.check(batch) : batch))
    const partitions = batches.map((batch) => this.#progress(batch))
    // Until they are written nothing from here on may be committed; the first batch of a partition counts, so from the end.
    for (let i = batches.length - 1; i >= 0; i--) partitions[i]!.expect(firstOffset(batches[i]!))
    try {
      for (const [i, batch] of checked.entries()) {
        const progress = partitions[i]!
        if ('found' in batch) await this.#taker.takeJson(batch, progress)
        else await this.#taker.takeRecords(batch, progress)
        const next = partitions.indexOf(progress, i + 1)
        progress.expect(next < 0 ? null : firstOffset(batches[next]!))
      }
    } catch (error) {
      await this.#finishEarlier()
      throw error
    }
    writer.flush()
  }

  #progress({ topic, partition }: SinkBatch): PartitionProgress {
    return this.#parts.tracker.progress(topic, partition)
  }

  /** A task that fails at a record has written those before it, so that a restart finds the bad one first. */
  async #finishEarlier(): Promise<void> {
    const { writer } = this.#parts
    const signal = AbortSignal.any([this.#parts.signal, AbortSignal.timeout(LAST_WAIT_MS)])
    await writer.settle(() => writer.pendingCount === 0, signal).catch(() => {})
  }
}

function firstOffset(batch: SinkBatch): number | null {
  if (batch.kind === 'json') return Number(batch.firstOffset)
  const first = batch.records[0]
  return first === undefined ? null : Number(first.origin.offset)
}
