import { RecordBatchWriter } from '../../api/record-batch.ts'
import type { JsonObject, SourceRecord } from '../../api/record.ts'
import type { SourceBatch, SourcePart } from '../../api/source-task.ts'

/** A topic partition's batch under way. */
export interface OpenBatch {
  readonly writer: RecordBatchWriter
  /** The header block that its records share. */
  readonly headers: Uint8Array
}

interface OpenPart extends OpenBatch {
  readonly topic: string
  readonly partition: number
}

/** Least and most bytes that a batch's buffer starts with; in between it starts as large as the last one became. */
const LEAST_BYTES = 2 * 1024
const MOST_BYTES = 1024 * 1024

/**
 * The batch that the next `poll` answers. Encoded records go into one open batch for each topic partition. Records that
 * take the general path may end up in any topic, so they close all open batches: within every topic the order stays that
 * of the changes.
 */
export class SourceBatchBuilder {
  /** Grows whenever open batches were closed: whoever keeps an `OpenBatch` must ask for it again then. */
  generation = 0
  #parts: SourcePart[] = []
  #open: OpenPart[] = []
  #openByKey = new Map<string, OpenPart>()
  #records: SourceRecord[] = []
  #closedBytes = 0
  #unkeyed = 0
  readonly #lastBytes = new Map<string, number>()

  get isEmpty(): boolean {
    return this.#parts.length === 0 && this.#open.length === 0 && this.#records.length === 0
  }

  /** About how many bytes the batch holds. */
  get bytes(): number {
    let bytes = this.#closedBytes
    for (const { writer } of this.#open) bytes += writer.length
    return bytes
  }

  /** The open batch of a topic partition. @param headers of the records to come, if a batch must be opened for them */
  open(topic: string, partition: number, headers: Uint8Array): OpenBatch {
    const key = `${partition} ${topic}`
    const found = this.#openByKey.get(key)
    if (found !== undefined) return found
    this.#closeRecords()
    const size = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, this.#lastBytes.get(key) ?? 0))
    const part = { topic, partition, headers, writer: new RecordBatchWriter(headers, size) }
    this.#openByKey.set(key, part)
    this.#open.push(part)
    return part
  }

  /** The partition for records without a key: one after the other, changing with each batch. */
  partitionWithoutKey(partitions: number): number {
    return this.#unkeyed % partitions
  }

  /** Adds records that are not encoded yet. @param bytes about how much they hold */
  add(records: readonly SourceRecord[], bytes: number): void {
    this.#closeOpen()
    this.#records.push(...records)
    this.#closedBytes += bytes
  }

  /** The whole batch; the builder is empty again. */
  take(partition: JsonObject, offset: JsonObject): SourceBatch {
    this.#closeOpen()
    this.#closeRecords()
    const parts = this.#parts
    this.#parts = []
    this.#closedBytes = 0
    this.#unkeyed++
    return { parts, partition, offset }
  }

  #closeOpen(): void {
    if (this.#open.length === 0) return
    for (const { topic, partition, writer } of this.#open) {
      // Abandoned records can leave a batch without any.
      if (writer.count === 0) continue
      const batch = writer.finish()
      this.#closedBytes += batch.length
      this.#lastBytes.set(`${partition} ${topic}`, batch.length)
      this.#parts.push({ kind: 'encoded', topic, partition, batch })
    }
    this.#open = []
    this.#openByKey.clear()
    this.generation++
  }

  #closeRecords(): void {
    if (this.#records.length === 0) return
    this.#parts.push({ kind: 'records', records: this.#records })
    this.#records = []
  }
}
