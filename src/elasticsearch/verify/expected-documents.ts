import { RecordBatchReader } from '../../api/record-batch.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { JsonSinkBatch, SinkBatch } from '../../api/sink-task.ts'
import type { ExpectedDocument } from '../../api/verification.ts'
import { documentJson } from '../documents/document-json.ts'
import { checkJsonBatch } from '../documents/json-batch.ts'
import { changeOf } from '../mirror/envelope.ts'
import { EnvelopePlaces, scanEnvelope } from '../mirror/envelope-scanner.ts'
import { idFromAnyKey } from '../mirror/key-id.ts'
import type { TopicTargets } from '../indices/topic-targets.ts'
import { documentIdFromKey } from '../documents/document-id.ts'
import type { DocumentOptions } from '../sink-options.ts'
import { digestOf } from './document-digest.ts'

/** What an index has for the rows of a snapshot. */
export class ExpectedDocuments {
  readonly #targets: TopicTargets
  readonly #options: DocumentOptions
  /** One object for all documents. */
  readonly #document: RowDocument

  constructor(targets: TopicTargets, options: DocumentOptions, leftOut: FieldNames) {
    this.#targets = targets
    this.#options = options
    this.#document = new RowDocument(options, leftOut)
  }

  async of(batch: SinkBatch, take: (document: ExpectedDocument) => void): Promise<void> {
    if (batch.kind === 'json') return this.#ofJson(batch, take)
    for (const record of batch.records) await this.#ofRecord(record, take)
  }

  async #ofJson(batch: JsonSinkBatch, take: (document: ExpectedDocument) => void): Promise<void> {
    const { keys, converted } = checkJsonBatch(batch, { keys: true, record: () => false })
    const { bytes } = batch.reader
    const { index } = this.#targets.of(batch.topic)
    const places = new EnvelopePlaces()
    const reader = new RecordBatchReader(bytes)
    for (let i = 0; reader.next(); i++) {
      const record = converted.get(i)
      if (record !== undefined) await this.#ofRecord(record, take)
      else if (reader.valueStart >= 0) {
        const row = { bytes, start: reader.valueStart, end: reader.valueEnd }
        if (this.#options.mirror !== null) {
          scanEnvelope(bytes, row.start, row.end, places)
          if (places.afterStart < 0) continue
          row.start = places.afterStart
          row.end = places.afterEnd
        }
        take(this.#document.set(index, keys[i]!, row))
      }
    }
  }

  async #ofRecord(record: SinkRecord, take: (document: ExpectedDocument) => void): Promise<void> {
    if (record.value === null) return
    const target = this.#targets.of(record.topic)
    const rules = target.rules ?? (await this.#targets.rules(target))
    const { mirror } = this.#options
    const row = mirror === null ? { schema: record.valueSchema, value: record.value } : changeOf(record).row
    if (row === null) return
    const bytes = Buffer.from(documentJson(row.schema, row.value, rules))
    const key = { schema: record.keySchema, value: record.key }
    take(this.#document.set(target.index, key, { bytes, start: 0, end: bytes.length }))
  }
}

/** Names as they stand in JSON, quotes included; filled before anything is compared. */
export interface FieldNames {
  all: readonly Buffer[]
}

class RowDocument implements ExpectedDocument {
  index = ''
  id = ''
  readonly digest = { low: 0, high: 0 }
  #bytes: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  readonly #options: DocumentOptions
  readonly #leftOut: FieldNames

  constructor(options: DocumentOptions, leftOut: FieldNames) {
    this.#options = options
    this.#leftOut = leftOut
  }

  set(
    index: string,
    key: SchemaAndValue | null,
    { bytes, start, end }: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  ): this {
    this.index = index
    const { schema, value } = key ?? { schema: null, value: null }
    this.id = this.#options.isIdOfAnyKey ? idFromAnyKey({ schema, value }) : documentIdFromKey(schema, value)
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    digestOf(bytes, { start, end, leftOut: this.#leftOut.all }, this.digest)
    return this
  }

  json(): string {
    return this.#bytes.toString('utf8', this.#start, this.#end)
  }
}
