import { DataError } from '../../api/errors.ts'
import { RecordBatchReader } from '../../api/record-batch.ts'
import type { Header, SinkRecord } from '../../api/record.ts'
import type { SinkBatch, TopicPartition } from '../../api/sink-task.ts'
import type { ConsumedBatch } from '../../log/log.ts'
import type { DeadLetterQueue } from './dead-letter-queue.ts'
import type { ErrorStage, ErrorTolerance, RecordFailure } from '../task/error-tolerance.ts'
import { failingClass } from '../task/failing-class.ts'
import type { RecordConverters } from '../task/record-converters.ts'
import type { TransformationChain } from '../task/transformation-chain.ts'

/** Turns what was read from the log into what a sink task takes. */
export class SinkRecordConverter {
  readonly #chain: TransformationChain
  readonly #converters: RecordConverters
  readonly #tolerance: ErrorTolerance
  readonly #deadLetters: DeadLetterQueue | null
  #stage: ErrorStage = 'VALUE_CONVERTER'
  /** What fails meanwhile, and is no `DataError`, is no fault of the record: passing it over would lose it. */
  #isPreparing = false

  constructor(parts: {
    readonly chain: TransformationChain
    readonly converters: RecordConverters
    readonly tolerance: ErrorTolerance
    readonly deadLetters: DeadLetterQueue | null
  }) {
    this.#chain = parts.chain
    this.#converters = parts.converters
    this.#tolerance = parts.tolerance
    this.#deadLetters = parts.deadLetters
  }

  /**
   * The batch as JSON bytes where nothing has to look into its values, else as records, which may be none. Bytes that
   * turn out not to be JSON are the task's to report; a connector that tolerates errors, or keeps dead letters, wants them
   * sorted out first.
   */
  async convert(consumed: ConsumedBatch): Promise<SinkBatch> {
    if (this.#chain.isEmpty && this.#converters.value.isPlainJson === true) {
      const isSortedOut = this.#tolerance.toleratesAll || this.#deadLetters !== null
      if ((await this.#areKeysPrepared(consumed)) && (!isSortedOut || this.#isAllReadable(consumed))) {
        return this.jsonBatch(consumed)
      }
    }
    const { topic, partition, batch, firstOffset } = consumed
    const records: SinkRecord[] = []
    for (const reader = new RecordBatchReader(batch); reader.next();) {
      if (reader.offset < firstOffset) continue
      const record = await this.#convertOrTolerate(topic, partition, reader)
      if (record !== null) records.push(record)
    }
    return { kind: 'records', topic, partition, records }
  }

  /**
   * The task asks for keys where it cannot wait, so what they need is got before. False where that failed: then record
   * by record, which says for which.
   */
  async #areKeysPrepared({ topic, batch, firstOffset }: ConsumedBatch): Promise<boolean> {
    const { key } = this.#converters
    if (key.prepareToRead === undefined) return true
    try {
      for (const reader = new RecordBatchReader(batch); reader.next();) {
        if (reader.offset < firstOffset) continue
        const waiting = key.prepareToRead(topic, reader.key)
        if (waiting !== null) await waiting
      }
      return true
    } catch {
      return false
    }
  }

  /** A fresh reader at the batch's start: a redelivered batch has been read to its end before. */
  jsonBatch(consumed: ConsumedBatch): SinkBatch {
    const { topic, partition, batch, firstOffset } = consumed
    const reader = new RecordBatchReader(batch)
    const { key } = this.#converters
    return {
      kind: 'json',
      topic,
      partition,
      reader,
      firstOffset,
      readableKeys: key.readsAnything === true ? 'all' : key.isPlainJson === true ? 'json' : 'unknown',
      key: () => {
        this.#stage = 'KEY_CONVERTER'
        return this.#orRefuse(consumed, reader, () => key.toConnectData(topic, reader.key))
      },
      record: () => this.#orRefuse(consumed, reader, () => this.#convertRecord(topic, partition, reader)),
    }
  }

  /** What a task asks for while it takes JSON fails as it would have failed before the task. */
  #orRefuse<T>({ topic, partition }: ConsumedBatch, reader: RecordBatchReader, convert: () => T): T {
    try {
      return convert()
    } catch (error) {
      this.#tolerance.tolerate(this.#failure(error, { topic, partition }, reader))
      throw error
    }
  }

  /**
   * Whether keys, values and headers of the whole batch can be converted. Some 1.5 us a record of 200 bytes; asked only
   * for connectors with `errors.tolerance=all`.
   */
  #isAllReadable({ topic, batch, firstOffset }: ConsumedBatch): boolean {
    const { key, header } = this.#converters
    for (const reader = new RecordBatchReader(batch); reader.next();) {
      if (reader.offset < firstOffset) continue
      try {
        if (key.readsAnything !== true) key.toConnectData(topic, reader.key)
        if (header.readsAnything !== true) {
          for (const { name, value } of reader.headers) header.toConnectHeader(topic, name, value)
        }
        if (reader.valueStart >= 0) JSON.parse(batch.toString('utf8', reader.valueStart, reader.valueEnd))
      } catch {
        return false
      }
    }
    return true
  }

  async #convertOrTolerate(
    topic: string,
    partition: number,
    reader: RecordBatchReader,
  ): Promise<SinkRecord | null> {
    const convert = (): SinkRecord | null | Promise<SinkRecord | null> => {
      this.#isPreparing = false
      return this.#chain.apply(this.#convertRecord(topic, partition, reader))
    }
    const attempt = (): SinkRecord | null | Promise<SinkRecord | null> => {
      this.#isPreparing = true
      const preparation = this.#prepareKey(topic, reader)
      return preparation === null ? convert() : preparation.then(convert)
    }
    try {
      const record = attempt()
      return record instanceof Promise ? await record : record
    } catch (error) {
      const retried = await this.#tolerance.retry(error, attempt)
      if ('value' in retried) return retried.value
      if ((this.#isPreparing || this.#chain.isPreparing) && !(retried.error instanceof DataError))
        throw retried.error
      const failure = this.#failure(retried.error, { topic, partition }, reader)
      // Kept even where it fails the task, as by the reference.
      await this.#deadLetters?.send({ topic, partition, offset: reader.offset }, failure)
      this.#tolerance.tolerate(failure)
      return null
    }
  }

  #failure(error: unknown, { topic, partition }: TopicPartition, reader: RecordBatchReader): RecordFailure {
    const stage = this.#stage
    const className = failingClass(stage, this.#converters, this.#chain)
    const { offset, timestampMs: timestamp } = reader
    return { stage, className, error, record: { kind: 'consumed', topic, partition, offset, timestamp } }
  }

  #prepareKey(topic: string, reader: RecordBatchReader): Promise<void> | null {
    this.#stage = 'KEY_CONVERTER'
    const waiting = this.#converters.key.prepareToRead?.(topic, reader.key) ?? null
    if (waiting === null) return this.#prepareValue(topic, reader)
    return waiting.then(() => this.#prepareValue(topic, reader) ?? undefined)
  }

  #prepareValue(topic: string, reader: RecordBatchReader): Promise<void> | null {
    this.#stage = 'VALUE_CONVERTER'
    return this.#converters.value.prepareToRead?.(topic, reader.value) ?? null
  }

  #convertRecord(topic: string, partition: number, reader: RecordBatchReader): SinkRecord {
    const { key, value, header } = this.#converters
    this.#stage = 'KEY_CONVERTER'
    const keyData = key.toConnectData(topic, reader.key)
    this.#stage = 'VALUE_CONVERTER'
    const valueData = value.toConnectData(topic, reader.value)
    this.#stage = 'HEADER_CONVERTER'
    const headers: Header[] = reader.headers.map((entry) => ({
      name: entry.name,
      ...header.toConnectHeader(topic, entry.name, entry.value),
    }))
    this.#stage = 'TRANSFORMATION'
    return {
      topic,
      partition,
      keySchema: keyData.schema,
      key: keyData.value,
      valueSchema: valueData.schema,
      value: valueData.value,
      timestamp: reader.timestampMs,
      headers,
      origin: { topic, partition, offset: reader.offset },
    }
  }
}
