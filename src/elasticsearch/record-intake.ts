import { RecordBatchReader } from '../api/record-batch.ts'
import type { RecordsSinkBatch, SinkBatch } from '../api/sink-task.ts'
import type { BulkWriter } from './bulk/bulk-writer.ts'
import type { CheckedJsonBatch } from './documents/json-batch.ts'
import { SCAN } from './documents/json-scanner.ts'
import type { OffsetTracker, PartitionProgress } from './bulk/offset-tracker.ts'
import type { JsonPlace, RecordTaker } from './record-taker.ts'
import type { TopicTargets } from './indices/topic-targets.ts'

/** How long a failing `put` waits for the records before the bad one. */
const LAST_WAIT_MS = 10_000

export interface RecordIntakeParts {
  readonly signal: AbortSignal
  readonly writer: BulkWriter
  readonly tracker: OffsetTracker
  readonly targets: TopicTargets
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
        writer.from(writtenMs(batches[i]!))
        if ('found' in batch) await this.#takeJson(batch, progress)
        else await this.#takeRecords(batch, progress)
        const next = partitions.indexOf(progress, i + 1)
        progress.expect(next < 0 ? null : firstOffset(batches[next]!))
      }
    } catch (error) {
      await this.#finishEarlier()
      throw error
    }
    this.#taker.end?.()
    writer.flush()
  }

  async #takeJson(checked: CheckedJsonBatch, progress: PartitionProgress): Promise<void> {
    const { batch } = checked
    const { topic, partition } = batch
    const { bytes } = batch.reader
    const { writer, targets } = this.#parts
    const reader = new RecordBatchReader(bytes)
    const target = targets.of(topic)
    const source = { target, progress, partition, offset: 0, timestampMs: null, routing: null }
    const document = { bytes, start: 0, end: 0, found: SCAN.oneLine }
    const place: JsonPlace = { checked, reader, index: 0, source, document }
    const base = Number(reader.baseOffset)
    const first = Number(batch.firstOffset)
    for (; reader.next(); place.index++) {
      const offset = base + reader.offsetDelta
      if (offset < first) continue
      source.offset = offset
      progress.expect(offset)
      const waiting = this.#taker.takeJson(place)
      if (waiting !== null) await waiting
      if (writer.isFull) await writer.room()
    }
  }

  async #takeRecords({ records }: RecordsSinkBatch, progress: PartitionProgress): Promise<void> {
    const { writer } = this.#parts
    for (const record of records) {
      progress.expect(Number(record.origin.offset))
      await this.#taker.takeRecord(record, progress)
      if (writer.isFull) await writer.room()
    }
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

/** When the first of a batch was written. */
function writtenMs(batch: SinkBatch): number {
  return batch.kind === 'json' ? batch.reader.baseTimestampMs : (batch.records[0]?.timestamp ?? Date.now())
}

function firstOffset(batch: SinkBatch): number | null {
  if (batch.kind === 'json') return Number(batch.firstOffset)
  const first = batch.records[0]
  return first === undefined ? null : Number(first.origin.offset)
}
