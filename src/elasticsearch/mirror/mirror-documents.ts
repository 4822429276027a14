import { ConnectError, DataError } from '../../api/errors.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { JsonSinkBatch, SinkTaskContext } from '../../api/sink-task.ts'
import type { BulkWriter } from '../bulk/bulk-writer.ts'
import { documentJson } from '../documents/document-json.ts'
import {
  documentName,
  DocumentWriter,
  type DocumentBytes,
  type DocumentSource,
} from '../documents/document-writer.ts'
import { checkJsonBatch, type CheckedJsonBatch } from '../documents/json-batch.ts'
import { SCAN } from '../documents/json-scanner.ts'
import { OccasionalWarning } from '../occasional-warning.ts'
import type { PartitionProgress } from '../bulk/offset-tracker.ts'
import type { JsonPlace, RecordTaker } from '../record-taker.ts'
import { Routing } from '../documents/routing.ts'
import type { DocumentOptions, MirrorOptions } from '../sink-options.ts'
import type { TopicTarget } from '../indices/topic-target.ts'
import type { TopicTargets } from '../indices/topic-targets.ts'
import { originOf, type UnfitRecords } from '../documents/unfit-records.ts'
import { EnvelopePlaces, scanEnvelope } from './envelope-scanner.ts'
import { changeVersion, type ChangeVersion } from './change-version.ts'
import { changeOf, type Change } from './envelope.ts'
import { idFromAnyKey } from './key-id.ts'
import { isMoved, isMovedRecord, MovedRows } from './moved-rows.ts'
import { rawFields, rawObject } from './raw-fields.ts'
import type { OlderDocuments } from './older-documents.ts'
import type { StoredDocuments } from './stored-documents.ts'
import { unchangedFieldsOf, unchangedFieldsOfRecord } from './unchanged-fields.ts'

export interface MirrorDocumentsParts {
  readonly context: SinkTaskContext
  readonly writer: BulkWriter
  readonly targets: TopicTargets
  readonly unfit: UnfitRecords
  readonly stored: StoredDocuments
  readonly older: OlderDocuments
}

const [CREATE, READ, UPDATE, DELETE, TRUNCATE, MESSAGE] = Buffer.from('crudtm')

/**
 * Changes of a table as changes of its index: each row a document whose version is the position of its last change, so
 * that changes read again, or in another order, leave the newest.
 */
export class MirrorDocuments implements RecordTaker {
  readonly #mirror: MirrorOptions
  readonly #parts: MirrorDocumentsParts
  readonly #documents: DocumentWriter
  readonly #moved: MovedRows
  readonly #incomplete: OccasionalWarning
  readonly #routing: Routing | null
  readonly #places = new EnvelopePlaces()
  readonly #isAfterRows: boolean
  /** The latest versions of rows that snapshots read, by index; unknown after a restart. */
  readonly #snapshots = new Map<string, bigint>()
  /** Versions of the last truncates by index: what other partitions still hold from before must not come back. */
  readonly #truncated = new Map<string, bigint>()

  constructor(options: DocumentOptions, mirror: MirrorOptions, parts: MirrorDocumentsParts) {
    this.#mirror = mirror
    this.#parts = parts
    this.#isAfterRows = options.reindexing?.isAfterRows ?? false
    this.#documents = new DocumentWriter(parts.writer, options)
    this.#moved = new MovedRows(this.#documents)
    this.#routing = options.routingField === null ? null : new Routing(options.routingField)
    this.#incomplete = new OccasionalWarning(
      parts.context.log,
      'Values that PostgreSQL did not send are not in the index either; the document is written without them',
    )
  }

  check(batch: JsonSinkBatch): CheckedJsonBatch {
    return checkJsonBatch(batch, { keys: true, record: () => false })
  }

  takeJson({ checked, reader, index, source, document }: JsonPlace): Promise<void> | null {
    // The delete before a tombstone has done all there is to do.
    if (reader.valueStart < 0) return null
    const record = checked.converted.get(index)
    if (record !== undefined) return this.takeRecord(record, source.progress)
    const places = this.#places
    const { bytes } = checked.batch.reader
    scanEnvelope(bytes, reader.valueStart, reader.valueEnd, places)
    document.start = places.afterStart
    document.end = places.afterEnd
    document.found = checked.found[index]!
    return this.#take(source, checked.keys[index]!, {
      op: places.op,
      lsn: textAt(bytes, places.lsnStart, places.lsnEnd),
      sequence: textAt(bytes, places.sequenceStart, places.sequenceEnd),
      row: places.afterStart < 0 ? null : document,
      rowSchema: null,
      unchanged: unchangedFieldsOf(reader),
      isMoved: isMoved(reader),
    })
  }

  async takeRecord(record: SinkRecord, progress: PartitionProgress): Promise<void> {
    if (record.value === null) return
    const target = this.#parts.targets.of(record.topic)
    const offset = Number(record.origin.offset)
    const source = { target, progress, partition: record.partition, offset, timestampMs: null, routing: null }
    try {
      const rules = target.rules ?? (await this.#parts.targets.rules(target))
      const { op, lsn, sequence, row } = changeOf(record)
      const bytes = row === null ? null : Buffer.from(documentJson(row.schema, row.value, rules))
      const change: Change = {
        op,
        lsn,
        sequence,
        row: bytes === null ? null : { bytes, start: 0, end: bytes.length, found: SCAN.oneLine },
        rowSchema: row?.schema ?? null,
        unchanged: unchangedFieldsOfRecord(record),
        isMoved: isMovedRecord(record),
      }
      await this.#take(source, { schema: record.keySchema, value: record.key }, change)
    } catch (error) {
      await this.#parts.unfit.notWritten(source, error)
    }
  }

  end(): void {
    this.#moved.removeAll()
  }

  async #take(source: DocumentSource, key: SchemaAndValue | null, change: Change): Promise<void> {
    if (change.op === MESSAGE) return
    try {
      const isWhole = change.unchanged === null || change.op !== CREATE
      if (isWhole) this.#moved.remove(source.progress)
      const { version, isFirst } = this.#versionOf(source, change)
      if (change.op === TRUNCATE) return await this.#truncate(source.target, version)
      const isGone = change.op === DELETE
      if (!isGone && change.op !== CREATE && change.op !== READ && change.op !== UPDATE) throw notAnEnvelope()
      if (version < (this.#truncated.get(source.target.index) ?? -1n)) return
      const id = idFromAnyKey(key ?? { schema: null, value: null })
      if (!this.#parts.targets.isReadyFor(source.target, change.rowSchema)) {
        await this.#parts.targets.prepare(source.target, change.rowSchema)
      }
      if (!isGone && change.row === null) throw notAnEnvelope()
      source.routing = (isGone ? this.#routing?.ofKey(key) : this.#routing?.ofDocument(change.row!)) ?? null
      // The rows of a reindexing have versions that say all.
      const isUnsure = isFirst && !this.#isAfterRows
      const own = isUnsure ? await this.#firstVersion(source, id, { version, op: change.op }) : version
      if (isGone && change.isMoved) this.#moved.hold(source, id, own)
      else if (isGone) this.#documents.removed(source, id, own)
      else {
        const row = change.unchanged === null ? change.row! : await this.#merged(source, id, change)
        this.#documents.written(source, row, id, own)
        if (!isWhole) await this.#removeMoved(source, id)
      }
    } catch (error) {
      await this.#parts.unfit.notWritten(source, error)
    }
  }

  #versionOf(source: DocumentSource, change: Change): ChangeVersion {
    if (this.#mirror.version === 'offset') return { version: BigInt(source.offset), isFirst: false }
    const found = changeVersion(change)
    if (found === null) throw notAnEnvelope()
    return found
  }

  /**
   * The first transaction behind a snapshot may have written its rows before it. Nothing that this partition holds before
   * them is newer, so a document that is there has to give way.
   */
  async #firstVersion(
    source: DocumentSource,
    id: string,
    { version, op }: { readonly version: bigint; readonly op: number },
  ): Promise<bigint> {
    const { index } = source.target
    const snapshot = this.#snapshots.get(index)
    if (op === READ) {
      if (snapshot === undefined || version > snapshot) this.#snapshots.set(index, version)
      return version
    }
    if (snapshot !== undefined && version > snapshot) return version
    await this.#settled(source, id)
    const present = await this.#parts.stored.version(source.target.index, id, source.routing)
    return present !== null && present > version ? present : version
  }

  /** Everything that was in the table is gone. Later changes have higher versions, whatever order they come in. */
  async #truncate(target: TopicTarget, version: bigint): Promise<void> {
    const { writer, context, older } = this.#parts
    await this.#done(() => writer.pendingCount === 0)
    await older.deleteUpTo(target.index, version)
    this.#truncated.set(target.index, version)
    context.log.info({ index: target.index }, 'Emptied the index: its table was truncated')
  }

  /** Not before the row is there under its new key: a task that is killed in between finds the old document again. */
  async #removeMoved(source: DocumentSource, id: string): Promise<void> {
    if (this.#moved.before(source) === null) return
    await this.#settled(source, id)
    this.#moved.remove(source.progress)
  }

  /** A document as it was written last; null: there is none. */
  async #stored(source: DocumentSource, id: string): Promise<ReadonlyMap<string, string> | null> {
    await this.#settled(source, id)
    return this.#parts.stored.read(source.target.index, id, source.routing)
  }

  async #settled({ target }: DocumentSource, id: string): Promise<void> {
    const name = documentName(target, id)
    await this.#done(() => !this.#parts.writer.isPending(name))
  }

  /** Throws when the task is stopped before: what is stored is not what was written then, and the writer still writes. */
  async #done(isDone: () => boolean): Promise<void> {
    const { writer, context } = this.#parts
    await writer.settle(isDone, context.signal)
    if (!isDone()) throw new ConnectError('elasticsearch.stopped', 'The task is stopped.')
  }

  /** The row with the values that it was sent without, as its document has them, or the one of its key before. */
  async #merged(source: DocumentSource, id: string, { row, unchanged }: Change): Promise<DocumentBytes> {
    const { target } = source
    const moved = this.#moved.before(source)
    const old = moved === null ? null : await this.#stored(moved.source, moved.id)
    // Read once more after a crash, the old one may have gone, or lack them, when the new one has them.
    const isEnough = old !== null && unchanged!.every((field) => old.has(field))
    const own = isEnough ? null : await this.#stored(source, id)
    const fields = rawFields(Buffer.from(row!.bytes.buffer, row!.bytes.byteOffset).toString('utf8', row!.start, row!.end)) // prettier-ignore
    const missing: string[] = []
    for (const field of unchanged!) {
      const value = old?.get(field) ?? own?.get(field)
      if (value !== undefined) fields.set(field, value)
      else if (fields.delete(field)) missing.push(field)
    }
    if (missing.length > 0) {
      const { topic, partition, offset } = originOf(source)
      const where = { topic, partition, offset: Number(offset), index: target.index, fields: missing }
      this.#incomplete.warn(where, performance.now())
    }
    const bytes = Buffer.from(rawObject(fields))
    return { bytes, start: 0, end: bytes.length, found: SCAN.oneLine }
  }
}

function textAt(bytes: Buffer, start: number, end: number): string | null {
  return start < 0 ? null : bytes.toString('latin1', start, end)
}

function notAnEnvelope(): DataError {
  return new DataError(
    'elasticsearch.record-invalid',
    "mode=mirror needs Debezium's envelopes (op, after, source.lsn), and this value is none. Take ExtractNewRecordState and the like off the source, or set external.version.source=offset where only the lsn is missing",
  )
}
