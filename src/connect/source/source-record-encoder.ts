import { encodeHeaders, RecordBatchWriter, type EncodedHeader } from '../../api/record-batch.ts'
import { DataError } from '../../api/errors.ts'
import { partitionForKey } from '../../api/partitioner.ts'
import type { RecordWriter } from '../../api/plugin.ts'
import type { SourceRecord } from '../../api/record.ts'
import type { PartitionBatch } from '../../log/log.ts'
import type { ErrorStage, ErrorTolerance } from '../task/error-tolerance.ts'
import { failingClass } from '../task/failing-class.ts'
import type { RecordConverters } from '../task/record-converters.ts'
import type { TopicCreation } from './topic-creation.ts'
import type { TransformationChain } from '../task/transformation-chain.ts'

/** A batch that reaches this is closed and the next one begun. */
const FULL_BATCH_BYTES = 1024 * 1024
/** How large a batch begins, by the records that there are: one that is read alone must not cost 64 kB. */
const LEAST_BATCH_BYTES = 4096
const RECORD_BYTES = 256
const MOST_FIRST_BYTES = 64 * 1024
/** A batch keeps timestamps as 32-bit deltas to its first. */
const MOST_TIMESTAMP_SPAN_MS = 2 ** 31 - 1

interface EncodedRecord {
  readonly topic: string
  readonly partition: number | null
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Uint8Array
}

/** What writes one record. */
interface RecordWriters {
  readonly key: RecordWriter
  readonly value: RecordWriter
}

/** The general path of a source: records through transformations and converters into batches by topic partition. */
export class SourceRecordEncoder {
  readonly #chain: TransformationChain
  readonly #converters: RecordConverters
  readonly #topics: Pick<TopicCreation, 'partitions'>
  readonly #tolerance: ErrorTolerance
  #stage: ErrorStage = 'TRANSFORMATION'
  /** What fails meanwhile, and is no `DataError`, is no fault of the record: passing it over would lose it. */
  #isPreparing = false
  /** Where records without a key go; moves on with each batch of records. */
  #keylessPartition = 0

  constructor(parts: {
    readonly chain: TransformationChain
    readonly converters: RecordConverters
    readonly topics: Pick<TopicCreation, 'partitions'>
    readonly tolerance: ErrorTolerance
  }) {
    this.#chain = parts.chain
    this.#converters = parts.converters
    this.#topics = parts.topics
    this.#tolerance = parts.tolerance
  }

  /** Batches in which the records of each partition keep their order. Throws for a record that is not tolerated. */
  async encode(records: readonly SourceRecord[]): Promise<PartitionBatch[]> {
    const full: PartitionBatch[] = []
    const open = new Map<
      string,
      { topic: string; partition: number; firstMs: number; writer: RecordBatchWriter }
    >()
    const close = (id: string): void => {
      const { topic, partition, writer } = open.get(id)!
      full.push({ topic, partition, batch: writer.finish() })
      open.delete(id)
    }
    const firstBytes = Math.min(MOST_FIRST_BYTES, Math.max(LEAST_BATCH_BYTES, records.length * RECORD_BYTES))
    for (const record of records) {
      const encoded = await this.#encodeOrTolerate(record)
      if (encoded === null) continue
      const { topic, timestamp } = encoded
      const partition = await this.#partitionOf(encoded)
      const id = `${partition} ${topic}`
      const span = Math.abs(timestamp - (open.get(id)?.firstMs ?? timestamp))
      if (span > MOST_TIMESTAMP_SPAN_MS) close(id)
      let batch = open.get(id)
      if (batch === undefined) {
        const writer = new RecordBatchWriter(undefined, firstBytes)
        batch = { topic, partition, firstMs: timestamp, writer }
        open.set(id, batch)
      }
      const headers = encoded.headers.length === 0 ? undefined : encoded.headers
      batch.writer.record(timestamp, encoded.key, encoded.value, headers)
      if (batch.writer.length >= FULL_BATCH_BYTES) close(id)
    }
    for (const id of open.keys()) close(id)
    this.#keylessPartition++
    return full
  }

  async #encodeOrTolerate(record: SourceRecord): Promise<EncodedRecord | null> {
    try {
      const encoded = this.#encodeRecord(record)
      return encoded instanceof Promise ? await encoded : encoded
    } catch (error) {
      const retried = await this.#tolerance.retry(error, () => this.#encodeRecord(record))
      if ('value' in retried) return retried.value
      if ((this.#isPreparing || this.#chain.isPreparing) && !(retried.error instanceof DataError))
        throw retried.error
      const stage = this.#stage
      const className = failingClass(stage, this.#converters, this.#chain)
      const failed = { kind: 'source', topic: record.topic } as const
      this.#tolerance.tolerate({ stage, className, error: retried.error, record: failed })
      return null
    }
  }

  /** A promise only where a converter has to prepare for the record. */
  #encodeRecord(record: SourceRecord): EncodedRecord | null | Promise<EncodedRecord | null> {
    this.#isPreparing = false
    this.#stage = 'TRANSFORMATION'
    const transformed = this.#chain.apply(record)
    return transformed instanceof Promise
      ? transformed.then((each) => this.#convert(each))
      : this.#convert(transformed)
  }

  #convert(transformed: SourceRecord | null): EncodedRecord | null | Promise<EncodedRecord> {
    if (transformed === null) return null
    const headers = this.#convertHeaders(transformed)
    const { key, value } = this.#converters
    const writers = {
      key: key.forHeaders?.(headers) ?? key,
      value: value.forHeaders?.(headers) ?? value,
    }
    this.#isPreparing = true
    const preparation = this.#prepareKey(transformed, writers)
    if (preparation === null) return this.#convertRecord(transformed, headers, writers)
    return preparation.then(() => this.#convertRecord(transformed, headers, writers))
  }

  #convertHeaders({ topic, headers }: SourceRecord): readonly EncodedHeader[] {
    const { header } = this.#converters
    this.#stage = 'HEADER_CONVERTER'
    return headers.map((entry) => ({ name: entry.name, value: header.fromConnectHeader(topic, entry) }))
  }

  #prepareKey(record: SourceRecord, writers: RecordWriters): Promise<void> | null {
    this.#stage = 'KEY_CONVERTER'
    const waiting = writers.key.prepareToWrite?.(record.topic, record.keySchema, record.key) ?? null
    if (waiting === null) return this.#prepareValue(record, writers)
    return waiting.then(() => this.#prepareValue(record, writers) ?? undefined)
  }

  #prepareValue(record: SourceRecord, writers: RecordWriters): Promise<void> | null {
    this.#stage = 'VALUE_CONVERTER'
    return writers.value.prepareToWrite?.(record.topic, record.valueSchema, record.value) ?? null
  }

  #convertRecord(
    record: SourceRecord,
    encodedHeaders: readonly EncodedHeader[],
    { key, value }: RecordWriters,
  ): EncodedRecord {
    const { topic, partition } = record
    this.#isPreparing = false
    const headers = encodeHeaders(encodedHeaders)
    this.#stage = 'KEY_CONVERTER'
    const keyBytes = key.fromConnectData(topic, record.keySchema, record.key)
    this.#stage = 'VALUE_CONVERTER'
    const valueBytes = value.fromConnectData(topic, record.valueSchema, record.value)
    return {
      topic,
      partition,
      timestamp: record.timestamp ?? Date.now(),
      key: keyBytes,
      value: valueBytes,
      headers,
    }
  }

  /** A topic that is missing is created meanwhile. */
  async #partitionOf({ topic, partition, key }: EncodedRecord): Promise<number> {
    const partitions = await this.#topics.partitions(topic)
    if (partition !== null) {
      if (partition >= 0 && partition < partitions) return partition
      throw new DataError(
        'connect.data-invalid',
        `A record is meant for partition ${partition} of topic ${topic}, which has ${partitions}: give the topic as many ` +
          'partitions as its records ask for (topic.creation.default.partitions, where it is yet to be created)',
      )
    }
    if (partitions === 1) return 0
    return key === null
      ? this.#keylessPartition % partitions
      : partitionForKey(key, 0, key.length, partitions)
  }
}
