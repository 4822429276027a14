import { closeSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { ConnectError, DataError } from '../../api/errors.ts'
import { BATCH_FIELD, BATCH_HEADER_BYTES, BATCH_MAGIC } from '../../api/record-batch.ts'
import type { TopicPartition } from '../../api/sink-task.ts'
import { PIECE_BYTES, type ReadSpace } from './read-space.ts'

/**
 * Reads batches from one segment file, forward. Reads are synchronous: what a consumer at the end reads is in the page
 * cache (a megabyte takes 0.15 ms), and a trip through libuv's thread pool would cost more than the one record that
 * just arrived.
 */
export class SegmentReader {
  readonly path: string
  readonly base: bigint
  /** Of the next batch. */
  position: number
  /** What lies behind these bytes is not part of the log. */
  committed: number
  readonly #owner: TopicPartition
  /** Null until there is something to read: an empty segment has no file yet. */
  #descriptor: number | null = null

  constructor(
    owner: TopicPartition,
    segment: { path: string; base: bigint; position: number; committed: number },
  ) {
    this.#owner = owner
    this.path = segment.path
    this.base = segment.base
    this.position = segment.position
    this.committed = segment.committed
  }

  /**
   * The whole batches from the one that holds `offset` on, up to about `maxBytes`, at least one; none where the space is
   * full or the committed bytes end. Throws `log.corrupt`, and what opening the file throws.
   */
  read(space: ReadSpace, offset: bigint, maxBytes: number): Buffer[] {
    const batches: Buffer[] = []
    let wanted = Math.min(maxBytes, PIECE_BYTES)
    while (batches.length === 0 && this.position < this.committed) {
      const size = Math.min(Math.max(wanted, BATCH_HEADER_BYTES), this.committed - this.position)
      const room = space.room(size)
      if (room.length < BATCH_HEADER_BYTES && room.length < size) break
      this.#fill(room)
      const end = this.#take(room, offset, batches)
      this.position += end
      if (batches.length > 0) space.keep(end)
      if (end > 0) continue
      if (room.length < size) break
      wanted = this.#batchLength(room, 0, offset)
    }
    return batches
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor)
    this.#descriptor = null
  }

  /** Collects the batches that are whole in `room`; answers where the first one begins that is not, or is needless. */
  #take(room: Buffer, offset: bigint, batches: Buffer[]): number {
    let at = 0
    while (at + BATCH_HEADER_BYTES <= room.length) {
      const length = this.#batchLength(room, at, offset)
      const baseOffset = room.readBigInt64LE(at + BATCH_FIELD.baseOffset)
      const isBefore = baseOffset + BigInt(room.readUInt32LE(at + BATCH_FIELD.lastOffsetDelta)) < offset
      if (!isBefore) {
        if (at + length > room.length) break
        const batch = room.subarray(at, at + length)
        if (crc32(batch.subarray(BATCH_FIELD.attributes)) !== batch.readUInt32LE(BATCH_FIELD.crc)) {
          // What is right before it is served first; the next read starts here and throws.
          if (batches.length > 0) break
          throw this.#corrupt(this.position + at, offset, 'the checksum does not match the bytes')
        }
        batches.push(batch)
      }
      at += length
    }
    return at
  }

  #batchLength(room: Buffer, at: number, offset: bigint): number {
    const position = this.position + at
    if (room.length - at < BATCH_HEADER_BYTES)
      throw this.#corrupt(position, offset, 'the last batch is cut short')
    if (room.readUInt32LE(at + BATCH_FIELD.magic) !== BATCH_MAGIC) {
      throw this.#corrupt(position, offset, 'no batch starts here')
    }
    const length = room.readUInt32LE(at + BATCH_FIELD.length)
    if (length < BATCH_HEADER_BYTES || position + length > this.committed) {
      throw this.#corrupt(position, offset, `a batch cannot be ${length} bytes long here`)
    }
    return length
  }

  #fill(room: Buffer): void {
    this.#descriptor ??= openSync(this.path, 'r')
    let filled = 0
    while (filled < room.length) {
      const count = readSync(this.#descriptor, room, filled, room.length - filled, this.position + filled)
      if (count === 0) {
        throw new DataError(
          'log.corrupt',
          `${this.path} ends at ${this.position + filled} of ${this.committed} committed bytes ` +
            `(topic ${this.#owner.topic}, partition ${this.#owner.partition}). ${REMEDY}`,
        )
      }
      filled += count
    }
  }

  #corrupt(position: number, offset: bigint, problem: string): ConnectError {
    const { topic, partition } = this.#owner
    return new DataError(
      'log.corrupt',
      `${this.path} is damaged at byte ${position}: ${problem} ` +
        `(topic ${topic}, partition ${partition}, reading offset ${offset}). ${REMEDY}`,
    )
  }
}

const REMEDY = 'Restore the file from a copy, or let the connector that writes the topic snapshot again.'
