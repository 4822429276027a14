import { closeSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { DataError } from '../../api/errors.ts'
import { BATCH_FIELD, BATCH_HEADER_BYTES, BATCH_MAGIC } from '../../api/record-batch.ts'
import type { TopicPartition } from '../../api/sink-task.ts'
import { PIECE_BYTES, type ReadSpace } from './read-space.ts'

/** Between two batches of a segment file: the byte and the offset at which the next one starts. */
export interface SegmentPlace {
  readonly position: number
  readonly offset: bigint
}

/**
 * Reads batches from one segment file, forward. Reads are synchronous: what a consumer at the end reads is in the page
 * cache (a megabyte takes 0.15 ms), and a trip through libuv's thread pool would cost more than the one record that
 * just arrived.
 */
export class SegmentReader {
  readonly path: string
  readonly base: bigint
  /** The committed end: what lies behind it is not part of the log. */
  end: SegmentPlace
  #next: SegmentPlace
  readonly #of: TopicPartition
  /** Null until there is something to read: an empty segment has no file yet. */
  #descriptor: number | null = null

  constructor(
    of: TopicPartition,
    segment: { path: string; base: bigint; next: SegmentPlace; end: SegmentPlace },
  ) {
    this.#of = of
    this.path = segment.path
    this.base = segment.base
    this.#next = segment.next
    this.end = segment.end
  }

  get hasMore(): boolean {
    return this.#next.position < this.end.position
  }

  /**
   * The whole batches from the one that holds `offset` on, up to about `maxBytes`, at least one; none where the space is
   * full or the segment ends. Throws `log.corrupt`, and what opening the file throws.
   */
  read(space: ReadSpace, offset: bigint, maxBytes: number): Buffer[] {
    const batches: Buffer[] = []
    let wanted = Math.min(maxBytes, PIECE_BYTES)
    while (batches.length === 0 && this.hasMore) {
      const { position } = this.#next
      const size = Math.min(Math.max(wanted, BATCH_HEADER_BYTES), this.end.position - position)
      const room = space.room(size)
      if (room.length < BATCH_HEADER_BYTES && room.length < size) break
      this.#fill(room)
      this.#take(room, offset, batches)
      const taken = this.#next.position - position
      if (batches.length > 0) space.keep(taken)
      if (taken > 0) continue
      if (room.length < size) break
      if (room.length < BATCH_HEADER_BYTES) throw this.#corrupt(offset, 'the last batch is cut short')
      // The header is right, so the batch is larger than the room.
      wanted = room.readUInt32LE(BATCH_FIELD.length)
    }
    return batches
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor)
    this.#descriptor = null
  }

  /** Moves over the batches that are whole in `room`, collecting those from `offset` on. */
  #take(room: Buffer, offset: bigint, batches: Buffer[]): void {
    let at = 0
    while (at + BATCH_HEADER_BYTES <= room.length) {
      const length = room.readUInt32LE(at + BATCH_FIELD.length)
      const lastOffsetDelta = room.readUInt32LE(at + BATCH_FIELD.lastOffsetDelta)
      const next = {
        position: this.#next.position + length,
        offset: this.#next.offset + BigInt(lastOffsetDelta) + 1n,
      }
      let problem = this.#headerProblem(room, at, next)
      // Of a batch that ends before the offset only the header matters: so a reader can be sent past a damaged one.
      if (problem === null && next.offset > offset) {
        if (at + length > room.length) return
        const batch = room.subarray(at, at + length)
        problem = checksumProblem(batch)
        if (problem === null) batches.push(batch)
      }
      if (problem !== null) {
        // What is right before it is served first; the next read starts here and throws.
        if (batches.length > 0) return
        throw this.#corrupt(offset, problem)
      }
      this.#next = next
      at += length
    }
  }

  /** Offsets leave no gap, and a segment ends where its last batch does: so damage in a header shows. */
  #headerProblem(room: Buffer, at: number, next: SegmentPlace): string | null {
    if (room.readUInt32LE(at + BATCH_FIELD.magic) !== BATCH_MAGIC) return 'no batch starts here'
    const baseOffset = room.readBigInt64LE(at + BATCH_FIELD.baseOffset)
    if (baseOffset !== this.#next.offset)
      return `offset ${this.#next.offset} should start here, not ${baseOffset}`
    const length = next.position - this.#next.position
    const isPossible =
      length >= BATCH_HEADER_BYTES &&
      next.position <= this.end.position &&
      (next.position === this.end.position) === (next.offset === this.end.offset)
    return isPossible ? null : `a batch of ${length} bytes cannot reach to offset ${next.offset} here`
  }

  #fill(room: Buffer): void {
    this.#descriptor ??= openSync(this.path, 'r')
    const { position } = this.#next
    let filled = 0
    while (filled < room.length) {
      const count = readSync(this.#descriptor, room, filled, room.length - filled, position + filled)
      if (count === 0) {
        throw this.#corrupt(
          this.#next.offset,
          `it has ${position + filled} of ${this.end.position} committed bytes`,
        )
      }
      filled += count
    }
  }

  /** The error for a file that should be there. */
  missing(offset: bigint): DataError {
    return this.#corrupt(offset, 'the file is not there')
  }

  #corrupt(offset: bigint, problem: string): DataError {
    const { topic, partition } = this.#of
    return new DataError(
      'log.corrupt',
      `${this.path} is damaged at byte ${this.#next.position}: ${problem} ` +
        `(topic ${topic}, partition ${partition}, reading offset ${offset}). ${REMEDY}`,
    )
  }
}

function checksumProblem(batch: Buffer): string | null {
  const isRight = crc32(batch.subarray(BATCH_FIELD.attributes)) === batch.readUInt32LE(BATCH_FIELD.crc)
  return isRight ? null : 'the checksum does not match the bytes'
}

const REMEDY = 'Restore the file from a copy, or let the connector that writes the topic snapshot again.'
