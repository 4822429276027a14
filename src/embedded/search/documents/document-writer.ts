import { illegalArgument, SearchError } from '../search-error.ts'
import { parseDocument } from '../mapping/document-parser.ts'
import type { StoredDocument, Tombstone } from '../store/document-table.ts'
import type { IndexRegistry } from '../store/index-registry.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { mergeSource } from './merge-source.ts'
import type {
  DeleteWrite,
  SourceWrite,
  UpdateWrite,
  WriteConditions,
  WriteOperation,
  WriteResult,
} from './write-operation.ts'

/** What is there under the id: a document, a recent deletion, or nothing. */
type Current = { readonly document: StoredDocument } | { readonly deleted: Tombstone } | undefined

/** Carries out single operations, inside a transaction that the caller holds. A SearchError means: this one did not happen. */
export class DocumentWriter {
  readonly #registry: IndexRegistry
  readonly #now: () => number

  constructor(registry: IndexRegistry, now: () => number) {
    this.#registry = registry
    this.#now = now
  }

  write(index: SearchIndex, operation: WriteOperation): WriteResult {
    this.#registry.touch(index)
    try {
      switch (operation.kind) {
        case 'index':
        case 'create':
          return this.#put(index, operation)
        case 'delete':
          return this.#delete(index, operation)
        case 'update':
          return this.#update(index, operation)
      }
    } catch (error) {
      if (error instanceof SearchError && operation.kind !== 'update') index.counters.indexFailed++
      throw error
    }
  }

  #put(index: SearchIndex, operation: SourceWrite): WriteResult {
    const { id } = operation
    if (id === '') throw illegalArgument('if _id is specified it must not be empty')
    const { terms, mapping } = parseDocument(index.mapping, id, operation.source)
    const deleted = index.table.findDeleted(id)
    if (deleted !== undefined) checkVersion(index, { id, operation, current: { deleted } })
    // Most documents are new: one look at the id decides, by trying to insert it.
    if (operation.ifSeqNo === undefined) {
      const version = nextVersion(operation, deleted?.version ?? 0n)
      const row = { id, version, seqNo: index.counters.nextSeqNo, source: operation.source, terms }
      if (index.table.insert(row)) {
        index.counters.documents++
        return this.#indexed(index, { id, result: 'created', version, mapping })
      }
    }
    const document = index.table.find(id)
    const current: Current =
      document === undefined ? (deleted === undefined ? undefined : { deleted }) : { document }
    checkVersion(index, { id, operation, current })
    if (document === undefined) throw new Error(`document [${id}] was there and is not`)
    const version = nextVersion(operation, document.version)
    index.table.update(document, {
      id,
      version,
      seqNo: index.counters.nextSeqNo,
      source: operation.source,
      terms,
    })
    return this.#indexed(index, { id, result: 'updated', version, mapping })
  }

  #indexed(
    index: SearchIndex,
    { mapping, ...result }: Omit<WriteResult, 'seqNo'> & { mapping: SearchIndex['mapping'] },
  ): WriteResult {
    index.mapping = mapping
    index.counters.indexTotal++
    return { ...result, seqNo: index.nextSeqNo() }
  }

  #delete(index: SearchIndex, operation: DeleteWrite): WriteResult {
    const { id } = operation
    const document = index.table.find(id)
    const deleted = document === undefined ? index.table.findDeleted(id) : undefined
    const current: Current =
      document === undefined ? (deleted === undefined ? undefined : { deleted }) : { document }
    checkVersion(index, { id, operation, current })
    const version = nextVersion(operation, document?.version ?? deleted?.version ?? 0n)
    const seqNo = index.nextSeqNo()
    index.counters.deleteTotal++
    if (document !== undefined) {
      index.table.delete(document)
      index.counters.documents--
    }
    index.table.bury(id, { version, seqNo }, this.#now())
    return { id, result: document === undefined ? 'not_found' : 'deleted', version, seqNo }
  }

  #update(index: SearchIndex, operation: UpdateWrite): WriteResult {
    const { id } = operation
    const document = index.table.find(id)
    const conditions = {
      versionType: 'internal',
      ifSeqNo: operation.ifSeqNo,
      ifPrimaryTerm: operation.ifPrimaryTerm,
    } as const
    if (document === undefined) {
      if (operation.upsert === undefined) throw documentMissing(index, id)
      return this.#put(index, { ...conditions, kind: 'create', id, source: operation.upsert })
    }
    if (operation.doc === undefined) {
      throw illegalArgument('failed to execute script', {
        type: 'illegal_argument_exception',
        reason: 'scripts are not supported by the embedded search node, send a partial [doc]',
      })
    }
    const merged = mergeSource(document.source, operation.doc)
    if (merged === undefined && operation.detectNoop) {
      index.counters.noopTotal++
      return { id, result: 'noop', version: document.version, seqNo: document.seqNo }
    }
    return this.#put(index, { ...conditions, kind: 'index', id, source: merged ?? document.source })
  }
}

function nextVersion({ version, versionType }: WriteConditions, current: bigint): bigint {
  return versionType === 'internal' ? current + 1n : version!
}

function checkVersion(
  index: SearchIndex,
  { id, operation, current }: { id: string; operation: SourceWrite | DeleteWrite; current: Current },
): void {
  const conflict = conflictOf(operation, current)
  if (conflict === undefined) return
  const reason = `[${id}]: version conflict, ${conflict}`
  throw new SearchError(409, 'version_conflict_engine_exception', reason, shardDetails(index))
}

function conflictOf(operation: SourceWrite | DeleteWrite, current: Current): string | undefined {
  const document = current !== undefined && 'document' in current ? current.document : undefined
  const { version, versionType, ifSeqNo, ifPrimaryTerm } = operation
  if (ifSeqNo !== undefined) {
    const required = `required seqNo [${ifSeqNo}], primary term [${ifPrimaryTerm ?? 0}].`
    if (document === undefined) return `${required} but no document was found`
    if (document.seqNo === ifSeqNo && ifPrimaryTerm === 1) return undefined
    return `${required} current document has seqNo [${document.seqNo}] and primary term [1]`
  }
  if (operation.kind === 'create') {
    return document === undefined
      ? undefined
      : `document already exists (current version [${document.version}])`
  }
  if (versionType === 'internal' || current === undefined) return undefined
  const known = 'document' in current ? current.document.version : current.deleted.version
  if (versionType === 'external' && known >= version!) {
    return `current version [${known}] is higher or equal to the one provided [${version}]`
  }
  if (known > version!) return `current version [${known}] is higher than the one provided [${version}]`
  return undefined
}

function documentMissing(index: SearchIndex, id: string): SearchError {
  return new SearchError(404, 'document_missing_exception', `[${id}]: document missing`, shardDetails(index))
}

const shardDetails = (index: SearchIndex): Readonly<Record<string, string>> => ({
  index_uuid: index.uuid,
  shard: '0',
  index: index.name,
})
