import { crc32 } from 'node:zlib'
import { BATCH_FIELD } from '../../api/record-batch.ts'
import type { PartitionTail } from './protocol.ts'
import type { TopicPolicy } from './topic-config.ts'

/** Committed facts of one segment file. */
export interface Segment {
  readonly baseOffset: bigint
  /** One above its last record. */
  readonly endOffset: bigint
  /** Committed bytes. */
  readonly length: number
  /** Milliseconds since 1970. */
  readonly maxTimestamp: number
}

export interface TopicLog {
  readonly id: number
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly policy: TopicPolicy
  readonly partitions: readonly PartitionLog[]
}

/** A batch that a reader can be sent to. */
export interface IndexEntry {
  readonly offset: bigint
  readonly position: number
}

/** What an append does to one segment file. */
export interface SegmentWrite {
  /** The file holds nothing committed yet. */
  readonly isNew: boolean
  /** Where the buffers go. */
  readonly position: number
  readonly buffers: readonly Uint8Array[]
  readonly entries: readonly IndexEntry[]
  /** The segment's facts once this is committed. */
  readonly after: Segment
}

/** So many bytes a reader walks at most from an index entry to its batch, one batch more or less. */
const INDEX_EVERY_BYTES = 1024 * 1024

/** The committed state of one partition, as the owner thread has it in memory. There is always a segment. */
export class PartitionLog {
  readonly topic: { readonly id: number; readonly name: string; readonly policy: TopicPolicy }
  readonly partition: number
  segments: readonly Segment[]
  /** The last segment is not to be written on: its file is shorter than it must be. */
  isSealed = false

  constructor(topic: PartitionLog['topic'], partition: number, segments: readonly Segment[]) {
    this.topic = topic
    this.partition = partition
    this.segments = segments
  }

  get startOffset(): bigint {
    return this.segments[0]!.baseOffset
  }

  get endOffset(): bigint {
    return this.segments.at(-1)!.endOffset
  }

  get tail(): PartitionTail {
    const { baseOffset, endOffset, length } = this.segments.at(-1)!
    const { topic, partition } = this
    return { topicId: topic.id, partition, endOffset, segmentBase: baseOffset, segmentLength: length }
  }

  /** The segment that holds an offset within the partition. */
  segmentOf(offset: bigint): Segment {
    return this.segments.findLast(({ baseOffset }) => baseOffset <= offset) ?? this.segments[0]!
  }

  /** The writes became durable. */
  apply(writes: readonly SegmentWrite[]): void {
    const last = this.segments.at(-1)!
    const kept = writes[0]?.after.baseOffset === last.baseOffset ? this.segments.slice(0, -1) : this.segments
    this.segments = [...kept, ...writes.map(({ after }) => after)]
    this.isSealed = false
  }
}

/** Batches on their way into one partition: their offsets are decided, nothing is written yet. */
export class StagedAppend {
  readonly partition: PartitionLog
  readonly writes: SegmentWrite[] = []
  #buffers: Uint8Array[] = []
  #entries: IndexEntry[] = []
  #isNew: boolean
  #start: number
  #segment: Segment

  constructor(partition: PartitionLog) {
    this.partition = partition
    this.#segment = partition.segments.at(-1)!
    this.#start = this.#segment.length
    this.#isNew = this.#start === 0
    if (partition.isSealed) this.#roll()
  }

  /** Gives the batch its offset and its CRC; answers the offset. */
  add(batch: Buffer): bigint {
    const { segmentBytes } = this.partition.topic.policy
    if (this.#segment.length > 0 && this.#segment.length + batch.length > segmentBytes) this.#roll()
    const { baseOffset, endOffset, length, maxTimestamp } = this.#segment
    batch.writeBigInt64LE(endOffset, BATCH_FIELD.baseOffset)
    batch.writeUInt32LE(crc32(batch.subarray(BATCH_FIELD.attributes)), BATCH_FIELD.crc)
    const grownTo = length + batch.length
    if (Math.floor(grownTo / INDEX_EVERY_BYTES) > Math.floor(length / INDEX_EVERY_BYTES)) {
      this.#entries.push({ offset: endOffset, position: length })
    }
    this.#buffers.push(batch)
    this.#segment = {
      baseOffset,
      endOffset: endOffset + BigInt(batch.readUInt32LE(BATCH_FIELD.lastOffsetDelta)) + 1n,
      length: grownTo,
      maxTimestamp: Math.max(maxTimestamp, Number(batch.readBigInt64LE(BATCH_FIELD.maxTimestamp))),
    }
    return endOffset
  }

  finish(): readonly SegmentWrite[] {
    if (this.#buffers.length > 0) {
      const after = this.#segment
      const [buffers, entries] = [this.#buffers, this.#entries]
      this.writes.push({ isNew: this.#isNew, position: this.#start, buffers, entries, after })
    }
    return this.writes
  }

  #roll(): void {
    this.finish()
    this.#buffers = []
    this.#entries = []
    this.#isNew = true
    this.#start = 0
    this.#segment = emptySegment(this.#segment.endOffset)
  }
}

export function emptySegment(baseOffset: bigint): Segment {
  return { baseOffset, endOffset: baseOffset, length: 0, maxTimestamp: Number.MIN_SAFE_INTEGER }
}
