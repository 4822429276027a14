import { crc32c } from '@platformatic/kafka'
import { ConnectError, describeError } from '../../../api/errors.ts'
import {
  COMPRESSION_MASK,
  CONTROL_BATCH,
  KAFKA_BATCH_FIELD,
  KAFKA_BATCH_HEADER_BYTES,
  KAFKA_BATCH_MAGIC,
  TRANSACTIONAL,
} from '../kafka-batch.ts'
import { BatchConversion } from './batch-conversion.ts'
import type { AbortedTransaction } from './fetch-request.ts'
import { unpackRecords } from './unpack-records.ts'

export interface DecodedRecords {
  /** Batches of ours, each with the records of one of Kafka's. */
  readonly batches: readonly Buffer[]
  /** The offset after the last whole batch, markers of transactions included; null: not one batch was whole. */
  readonly nextOffset: bigint | null
}

/**
 * Makes our batches of what a fetch brought. A batch that is cut off at the end is left for the next fetch.
 *
 * @param source for the message: `topic a, partition 0`
 * @param aborted transactions whose records are left out
 */
export function decodeKafkaBatches(
  records: Buffer,
  source: string,
  aborted: readonly AbortedTransaction[] = [],
): DecodedRecords {
  const batches: Buffer[] = []
  const filter = new AbortedFilter(aborted)
  let nextOffset: bigint | null = null
  const at = KAFKA_BATCH_FIELD
  for (let start = 0; start + KAFKA_BATCH_HEADER_BYTES <= records.length;) {
    const end = start + at.leaderEpoch + records.readInt32BE(start + at.length)
    if (end > records.length) break
    const baseOffset = records.readBigInt64BE(start + at.baseOffset)
    if (end < start + KAFKA_BATCH_HEADER_BYTES)
      throw corrupt(source, baseOffset, 'it is shorter than its header')
    const batch = records.subarray(start, end)
    if (batch.readInt8(at.magic) !== KAFKA_BATCH_MAGIC)
      throw corrupt(source, baseOffset, 'its format is older than Kafka 0.11')
    if (crc32c(batch.subarray(at.attributes)) !== batch.readUInt32BE(at.crc)) {
      throw corrupt(source, baseOffset, 'its checksum is wrong')
    }
    const lastOffsetDelta = batch.readInt32BE(at.lastOffsetDelta)
    if (lastOffsetDelta < 0) throw corrupt(source, baseOffset, 'its last offset is before its first')
    const lastOffset = baseOffset + BigInt(lastOffsetDelta)
    if (filter.lets(batch, lastOffset)) {
      try {
        if (batch.readInt32BE(at.count) !== 0) new BatchConversion(batch, recordsOf(batch)).convert(batches)
      } catch (error) {
        throw corrupt(source, baseOffset, describeError(error))
      }
    }
    nextOffset = lastOffset + 1n
    start = end
  }
  return { batches, nextOffset }
}

/** Knows whose records do not count, by the marks at which transactions end. */
class AbortedFilter {
  readonly #waiting: AbortedTransaction[]
  /** Producers in the middle of a transaction that will be aborted. */
  readonly #open = new Set<bigint>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#waiting = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  }

  /** To be asked of every batch, in order. */
  lets(batch: Buffer, lastOffset: bigint): boolean {
    const attributes = batch.readInt16BE(KAFKA_BATCH_FIELD.attributes)
    if ((attributes & (CONTROL_BATCH | TRANSACTIONAL)) === 0) return true
    const producerId = batch.readBigInt64BE(KAFKA_BATCH_FIELD.producerId)
    while (this.#waiting.length > 0 && this.#waiting[0]!.firstOffset <= lastOffset)
      this.#open.add(this.#waiting.shift()!.producerId)
    if ((attributes & CONTROL_BATCH) === 0) return !this.#open.has(producerId)
    // A mark ends the transaction, whether well or not; one that ended well was never among the open ones here.
    this.#open.delete(producerId)
    return false
  }
}

/** Unpacked; of a batch that is not packed, what lies behind its header. */
function recordsOf(batch: Buffer): Buffer {
  const compression = batch.readInt16BE(KAFKA_BATCH_FIELD.attributes) & COMPRESSION_MASK
  const records = batch.subarray(KAFKA_BATCH_HEADER_BYTES)
  return compression === 0 ? records : unpackRecords(records, compression)
}

function corrupt(source: string, offset: bigint, problem: string): ConnectError {
  return new ConnectError(
    'log.corrupt',
    `The batch at offset ${offset} of ${source} cannot be read: ${problem}`,
  )
}
