import { BATCH_FIELD } from '../../../api/record-batch.ts'
import type { ConsumedBatch } from '../../log.ts'
import type { DecodedRecords } from './batch-decoder.ts'

/** A partition that is assigned to a consumer: where it stands, and what was fetched ahead. */
export class ConsumedPartition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  isPaused = false
  /** The next record to hand out. */
  position: bigint
  #fetched: Buffer[] = []
  /** Where to fetch next: the end of what was fetched. */
  #fetchOffset: bigint

  constructor(place: { topic: string; topicId: string; partition: number }, position: bigint) {
    this.topic = place.topic
    this.topicId = place.topicId
    this.partition = place.partition
    this.position = this.#fetchOffset = position
  }

  get fetchOffset(): bigint {
    return this.#fetchOffset
  }

  get hasFetched(): boolean {
    return this.#fetched.length > 0
  }

  seek(offset: bigint): void {
    this.#fetched = []
    this.position = this.#fetchOffset = offset
  }

  /** What a fetch from `offset` brought; ignored if that is not where this stands any more. */
  add(offset: bigint, { batches, nextOffset }: DecodedRecords): void {
    if (offset !== this.#fetchOffset || this.hasFetched || nextOffset === null) return
    this.#fetched = batches.filter((batch) => endOf(batch) > this.position)
    this.#fetchOffset = nextOffset
    if (!this.hasFetched) this.position = nextOffset
  }

  /** Hands out batches up to about so many bytes, one at least; moves the position. */
  take(maxBytes: number): ConsumedBatch[] {
    const taken: ConsumedBatch[] = []
    const { topic, partition } = this
    for (let left = maxBytes; this.hasFetched && (left > 0 || taken.length === 0);) {
      const batch = this.#fetched.shift()!
      taken.push({ topic, partition, batch, firstOffset: this.position })
      this.position = this.hasFetched ? endOf(batch) : this.#fetchOffset
      left -= batch.length
    }
    return taken
  }
}

function endOf(batch: Buffer): bigint {
  const lastDelta = batch.readUInt32LE(BATCH_FIELD.lastOffsetDelta)
  return batch.readBigInt64LE(BATCH_FIELD.baseOffset) + BigInt(lastDelta) + 1n
}
