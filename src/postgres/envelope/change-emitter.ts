import { ByteWriter } from '../../api/byte-writer.ts'
import { partitionForKey } from '../../api/partitioner.ts'
import type { RecordBatchWriter } from '../../api/record-batch.ts'
import type { SourceRecord } from '../../api/record.ts'
import type { CompiledRecord, CompileResult, RecordTemplate } from '../../api/template.ts'
import type { ChangePosition } from './change-position.ts'
import { keepChange, templateValue, type ChangeRow, type KeptChange } from './change-row.ts'
import { JsonProgram } from './json-program.ts'
import type { PositionText } from './position-text.ts'
import type { OpenBatch, SourceBatchBuilder } from './source-batch-builder.ts'

/** Writes the records of one template. */
export interface ChangeEmitter {
  emit(row: ChangeRow): void
}

/** What emitters of one relation share. */
export interface EmitterContext {
  readonly position: ChangePosition
  readonly positionText: PositionText
  readonly batch: SourceBatchBuilder
  /** Counts the changes of the relation; null: they are not counted. */
  readonly counter: ChangeCounter | null
}

export interface ChangeCounter {
  /** The position gets the numbers of the next change. */
  count(): void
}

export function createChangeEmitter(
  template: RecordTemplate,
  result: CompileResult,
  context: EmitterContext,
): ChangeEmitter {
  switch (result.kind) {
    case 'compiled':
      return new CompiledEmitter(result, context)
    case 'general':
      return new GeneralEmitter(template, context)
    case 'dropped':
      return DROPPING
  }
}

/** Counts changes, whatever becomes of their records. */
export class CountingEmitter implements ChangeEmitter {
  readonly #counter: ChangeCounter
  readonly #emitter: ChangeEmitter

  constructor(counter: ChangeCounter, emitter: ChangeEmitter) {
    this.#counter = counter
    this.#emitter = emitter
  }

  emit(row: ChangeRow): void {
    this.#counter.count()
    this.#emitter.emit(row)
  }
}

export const DROPPING: ChangeEmitter = { emit: () => {} }

/** From the tuple's bytes to the record's bytes, in the batch of its topic partition. */
class CompiledEmitter implements ChangeEmitter {
  readonly #topic: string
  readonly #partitions: number
  readonly #headers: Uint8Array
  readonly #key: JsonProgram | null
  readonly #value: JsonProgram | null
  readonly #positionText: PositionText
  readonly #batch: SourceBatchBuilder
  /** The key, where it must be known before the partition is. */
  readonly #keyBytes = new ByteWriter(64)
  #generation = -1
  /** Of this generation, by partition. */
  #open: (OpenBatch | undefined)[] = []

  constructor(record: CompiledRecord, { positionText, batch }: EmitterContext) {
    this.#topic = record.topic
    this.#partitions = record.partitions
    this.#headers = record.headers
    this.#key = record.key === null ? null : new JsonProgram(record.key, positionText)
    this.#value = record.value === null ? null : new JsonProgram(record.value, positionText)
    this.#positionText = positionText
    this.#batch = batch
  }

  emit(row: ChangeRow): void {
    const positionText = this.#positionText
    positionText.refresh()
    const { writer, headers } = this.#openBatch(this.#partitions === 1 ? 0 : this.#choosePartition(row))
    writer.startRecord(positionText.timestampMs)
    try {
      this.#writeKey(row, writer)
      if (this.#value === null) writer.nullValue()
      else {
        this.#value.write(row, writer.out)
        writer.endValue()
      }
    } catch (error) {
      writer.abandonRecord()
      throw error
    }
    // Two templates may share a topic and differ in headers; then one of them is the exception.
    writer.endRecord(headers === this.#headers ? undefined : this.#headers)
  }

  #writeKey(row: ChangeRow, writer: RecordBatchWriter): void {
    if (this.#key === null) {
      writer.nullKey()
      return
    }
    if (this.#partitions === 1) this.#key.write(row, writer.out)
    else writer.out.copy(this.#keyBytes.bytes, 0, this.#keyBytes.position)
    writer.endKey()
  }

  #choosePartition(row: ChangeRow): number {
    if (this.#key === null) return this.#batch.partitionWithoutKey(this.#partitions)
    this.#keyBytes.position = 0
    this.#key.write(row, this.#keyBytes)
    return partitionForKey(this.#keyBytes.bytes, 0, this.#keyBytes.position, this.#partitions)
  }

  #openBatch(partition: number): OpenBatch {
    if (this.#generation !== this.#batch.generation) {
      this.#generation = this.#batch.generation
      this.#open = []
    }
    return (this.#open[partition] ??= this.#batch.open(this.#topic, partition, this.#headers))
  }
}

/** Delivers records whose structs are views over a copy of the rows. */
class GeneralEmitter implements ChangeEmitter {
  readonly #template: RecordTemplate
  readonly #context: EmitterContext

  constructor(template: RecordTemplate, context: EmitterContext) {
    this.#template = template
    this.#context = context
  }

  emit(row: ChangeRow): void {
    const change = keepChange(row, this.#context.position)
    this.#context.batch.add([templateRecord(this.#template, change)], changeBytes(change))
  }
}

/** The record of a template for one change. */
export function templateRecord(template: RecordTemplate, change: KeptChange): SourceRecord {
  const { key, value } = template
  return {
    topic: template.topic,
    partition: null,
    keySchema: key?.schema ?? null,
    key: key === null ? null : templateValue(key, change),
    valueSchema: value?.schema ?? null,
    value: value === null ? null : templateValue(value, change),
    timestamp: null,
    headers: template.headers.map(({ name, value }) => ({
      name,
      schema: value.schema,
      value: templateValue(value, change),
    })),
  }
}

/** About what a kept change holds, its objects included. */
export function changeBytes({ newRow, oldRow }: ChangeRow): number {
  return 512 + (newRow?.bytes.length ?? 0) + (oldRow?.bytes.length ?? 0)
}
