import { RecordBatchReader } from '../../api/record-batch.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { JsonSinkBatch, SinkBatch } from '../../api/sink-task.ts'
import type { ExpectedDocument } from '../../api/verification.ts'
import { documentJson } from '../document-json.ts'
import { checkJsonBatch } from '../json-batch.ts'
import { changeOf } from '../mirror/envelope.ts'
import { EnvelopePlaces, scanEnvelope } from '../mirror/envelope-scanner.ts'
import { idFromAnyKey } from '../mirror/key-id.ts'
import type { TopicTargets } from '../topic-targets.ts'
import { digestOf } from './document-digest.ts'

/** What a mirror has for the rows of a snapshot. */
export class ExpectedDocuments {
  readonly #targets: TopicTargets
  /** One object for all documents. */
  readonly #document = new RowDocument()

  constructor(targets: TopicTargets) {
    this.#targets = targets
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
        scanEnvelope(bytes, reader.valueStart, reader.valueEnd, places)
        if (places.afterStart < 0) continue
        const row = { bytes, start: places.afterStart, end: places.afterEnd }
        take(this.#document.set(index, keys[i]!, row))
      }
    }
  }

  async #ofRecord(record: SinkRecord, take: (document: ExpectedDocument) => void): Promise<void> {
    if (record.value === null) return
    const target = this.#targets.of(record.topic)
    const rules = target.rules ?? (await this.#targets.rules(target))
    const { row } = changeOf(record)
    if (row === null) return
    const bytes = Buffer.from(documentJson(row.schema, row.value, rules))
    const key = { schema: record.keySchema, value: record.key }
    take(this.#document.set(target.index, key, { bytes, start: 0, end: bytes.length }))
  }
}

class RowDocument implements ExpectedDocument {
  index = ''
  id = ''
  readonly digest = { low: 0, high: 0 }
  #bytes: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0

  set(
    index: string,
    key: SchemaAndValue | null,
    { bytes, start, end }: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  ): this {
    this.index = index
    this.id = idFromAnyKey(key ?? { schema: null, value: null })
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    digestOf(bytes, { start, end }, this.digest)
    return this
  }

  json(): string {
    return this.#bytes.toString('utf8', this.#start, this.#end)
  }
}
