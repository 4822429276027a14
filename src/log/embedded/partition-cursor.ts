import { join } from 'node:path'
import { ConnectError, describeError } from '../../api/errors.ts'
import { BATCH_FIELD } from '../../api/record-batch.ts'
import type { TopicPartition } from '../../api/sink-task.ts'
import type { ConsumedBatch, OffsetJump } from '../log.ts'
import type { OwnerConnection } from './owner-connection.ts'
import type { PartitionTail } from './protocol.ts'
import type { ReadSpace } from './read-space.ts'
import { SegmentReader, type SegmentPlace } from './segment-reader.ts'
import { partitionDirectory, segmentFileName } from './topic-files.ts'

export interface CursorTarget extends TopicPartition {
  /** Null: whichever topic has the name when the first position is looked up. */
  readonly topicId: number | null
}

interface CursorStart {
  readonly offset: bigint
  /** As `ConsumerOptions` has it. */
  readonly onOutOfRange?: ((jump: OffsetJump) => void) | undefined
}

/** A place in one partition that moves forward, from segment to segment, as batches are read. */
export class PartitionCursor {
  readonly target: CursorTarget
  readonly #dataDir: string
  readonly #onOutOfRange: CursorStart['onOutOfRange']
  #topicId: number | null
  #offset: bigint
  #segment: SegmentReader | null = null
  /** The end of the partition as far as it was told. */
  #tail: PartitionTail | null = null
  /** The file that was not there. */
  #missing: string | null = null
  isPaused = false

  constructor(target: CursorTarget, dataDir: string, { offset, onOutOfRange }: CursorStart) {
    this.target = target
    this.#topicId = target.topicId
    this.#dataDir = dataDir
    this.#offset = offset
    this.#onOutOfRange = onOutOfRange
  }

  /** Of the next record to read. */
  get offset(): bigint {
    return this.#offset
  }

  get hasMore(): boolean {
    return !this.isPaused && this.#tail !== null && this.#offset < this.#tail.endOffset
  }

  seek(offset: bigint): void {
    this.#offset = offset
    this.close()
  }

  /** Takes note of the end of the partition. */
  grow(tail: PartitionTail): void {
    if (this.#tail !== null && this.#tail.endOffset > tail.endOffset) return
    this.#tail = tail
    if (this.#segment?.base === tail.segmentBase) this.#segment.end = endOf(tail)
    else if (this.#segment === null && this.#offset === tail.endOffset) {
      this.#enter(tail.segmentBase, endOf(tail), endOf(tail))
    }
  }

  /**
   * Finds the file and the position of the next batch. At the end of the log nothing has to be asked: the notice of a
   * commit says how far the segment reaches. False: there is nothing to read.
   */
  async locate(owner: OwnerConnection): Promise<boolean> {
    if (this.#segment?.hasMore === true) return true
    const tail = this.#tail
    if (
      tail !== null &&
      this.#missing === null &&
      this.#offset === tail.segmentBase &&
      tail.segmentLength > 0
    ) {
      this.#enter(tail.segmentBase, { position: 0, offset: tail.segmentBase }, endOf(tail))
      return true
    }
    const { topic, partition } = this.target
    for (;;) {
      const offset = this.#offset
      const found = await owner.call('locate', { topic, topicId: this.#topicId, partition, offset })
      if (offset !== this.#offset) continue // sought elsewhere meanwhile
      this.#topicId = found.topicId
      if (offset >= found.endOffset) return false
      if (offset < found.startOffset) {
        this.#offset = found.startOffset
        this.#onOutOfRange?.({ topic, partition, offset, goesOnAt: found.startOffset })
      }
      const next = { position: found.position, offset: found.positionOffset }
      this.#enter(found.segmentBase, next, { position: found.segmentLength, offset: found.segmentEnd })
      return true
    }
  }

  /**
   * The whole batches that follow, up to about `maxBytes`, at least one; none where the space is full. Call it after
   * `locate`. Throws `log.corrupt` and `log.read-failed`.
   */
  read(space: ReadSpace, maxBytes: number): ConsumedBatch[] {
    const segment = this.#segment
    if (segment === null) return []
    const { topic, partition } = this.target
    return this.#readFrom(segment, space, maxBytes).map((batch) => {
      const baseOffset = batch.readBigInt64LE(BATCH_FIELD.baseOffset)
      const firstOffset = this.#offset > baseOffset ? this.#offset : baseOffset
      this.#offset = baseOffset + BigInt(batch.readUInt32LE(BATCH_FIELD.lastOffsetDelta)) + 1n
      return { topic, partition, batch, firstOffset }
    })
  }

  close(): void {
    this.#segment?.close()
    this.#segment = null
  }

  #readFrom(segment: SegmentReader, space: ReadSpace, maxBytes: number): Buffer[] {
    try {
      const batches = segment.read(space, this.#offset, maxBytes)
      this.#missing = null
      return batches
    } catch (error) {
      this.close()
      if (error instanceof ConnectError) throw error
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        // Retention has taken it since it was located: the next `locate` asks again, and must find another one.
        if (this.#missing !== segment.path) {
          this.#missing = segment.path
          return []
        }
        throw segment.missing(this.#offset)
      }
      throw new ConnectError('log.read-failed', `Cannot read ${segment.path}: ${describeError(error)}`, {
        cause: error,
        retriable: true,
      })
    }
  }

  #enter(base: bigint, next: SegmentPlace, end: SegmentPlace): void {
    this.close()
    const { topic: name, partition } = this.target
    const directory = partitionDirectory(this.#dataDir, { id: this.#topicId!, name }, partition)
    const path = join(directory, segmentFileName(base))
    this.#segment = new SegmentReader(this.target, { path, base, next, end })
  }
}

function endOf({ endOffset, segmentLength }: PartitionTail): SegmentPlace {
  return { position: segmentLength, offset: endOffset }
}
