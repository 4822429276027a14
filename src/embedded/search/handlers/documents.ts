import { isJsonObject, type JsonObject, toText } from '../json/json-object.ts'
import { ok, type Answer, type ApiRequest } from '../http/api-request.ts'
import type { Routes } from '../http/router.ts'
import { parseLong } from '../documents/bulk-body.ts'
import { statusOf } from '../documents/bulk.ts'
import { newDocumentId } from '../documents/document-id.ts'
import { targetIndex } from '../documents/target-index.ts'
import { parseUpdateBody } from '../documents/update-body.ts'
import {
  checkOperation,
  parseVersionType,
  type WriteConditions,
  type WriteOperation,
  type WriteResult,
} from '../documents/write-operation.ts'
import type { NodeServices } from '../node-services.ts'
import {
  filterSource,
  parseSourceFilter,
  SOURCE_PARAMETERS,
  sourceFilterOf,
  type SourceFilter,
} from '../search/source-filter.ts'
import {
  illegalArgument,
  indexNotFound,
  parsingException,
  SearchError,
  validationFailed,
} from '../search-error.ts'
import type { StoredDocument } from '../store/document-table.ts'
import type { SearchIndex } from '../store/search-index.ts'

const WRITE_PARAMETERS = [
  'refresh',
  'routing',
  'timeout',
  'wait_for_active_shards',
  'version',
  'version_type',
  'if_seq_no',
  'if_primary_term',
  'op_type',
  'require_alias',
  'pipeline',
]
const READ_PARAMETERS = [
  ...SOURCE_PARAMETERS,
  'preference',
  'realtime',
  'refresh',
  'routing',
  'stored_fields',
  'version',
  'version_type',
  'force_synthetic_source',
]

/** Single documents: read, written, updated, deleted. */
export function documentRoutes(node: NodeServices): Routes {
  const put = {
    parameters: WRITE_PARAMETERS,
    handle: (request: ApiRequest) => write(node, request, putOperation(node, request)),
  }
  const get = { parameters: READ_PARAMETERS, handle: (request: ApiRequest) => getDocument(node, request) }
  const multiGet = {
    parameters: READ_PARAMETERS,
    handle: (request: ApiRequest) => multiGetDocuments(node, request),
  }
  const updateParameters = [...WRITE_PARAMETERS, ...SOURCE_PARAMETERS, 'retry_on_conflict', 'lang']
  return {
    'PUT,POST /{index}/_doc/{id}': put,
    'POST /{index}/_doc': put,
    'PUT,POST /{index}/_create/{id}': put,
    'GET /{index}/_doc/{id}': get,
    'GET /{index}/_source/{id}': {
      parameters: READ_PARAMETERS,
      handle: (request) => getSource(node, request),
    },
    'DELETE /{index}/_doc/{id}': {
      parameters: WRITE_PARAMETERS,
      handle: (request) =>
        write(node, request, { ...conditionsOf(request), kind: 'delete', id: request.pathValue('id') }),
    },
    'POST /{index}/_update/{id}': {
      parameters: updateParameters,
      handle: (request) => update(node, request),
    },
    'GET,POST /_mget': multiGet,
    'GET,POST /{index}/_mget': multiGet,
  }
}

/** True where the client asked for a refresh, which the answer then says; documents are visible at once anyway. */
export function isRefreshForced({ parameters }: ApiRequest): boolean {
  const refresh = parameters.text('refresh')
  if (refresh === undefined || refresh === 'false' || refresh === 'wait_for') return false
  if (refresh === '' || refresh === 'true') return true
  throw illegalArgument(`Unknown value for refresh: [${refresh}].`)
}

function conditionsOf({ parameters }: ApiRequest): WriteConditions {
  const [version, ifSeqNo, ifPrimaryTerm] = ['version', 'if_seq_no', 'if_primary_term'].map((name) => {
    const text = parameters.text(name)
    return text === undefined ? undefined : parseLong(text, name)
  })
  return {
    version,
    versionType: parseVersionType(parameters.text('version_type')),
    ifSeqNo: ifSeqNo === undefined ? undefined : Number(ifSeqNo),
    ifPrimaryTerm: ifPrimaryTerm === undefined ? undefined : Number(ifPrimaryTerm),
  }
}

function putOperation(node: NodeServices, request: ApiRequest): WriteOperation {
  const pipeline = request.parameters.text('pipeline')
  if (pipeline !== undefined && pipeline !== '_none')
    throw illegalArgument(`pipeline with id [${pipeline}] does not exist`)
  const isCreate = request.path.includes('/_create/') || request.parameters.text('op_type') === 'create'
  const id = request.pathValue('id')
  return {
    ...conditionsOf(request),
    kind: isCreate ? 'create' : 'index',
    id: id === '' ? newDocumentId(node.now()) : id,
    source: request.bodyText(),
  }
}

function write(node: NodeServices, request: ApiRequest, operation: WriteOperation): Answer {
  checkOperation(operation)
  const name = request.pathValue('index')
  const isForced = isRefreshForced(request)
  const { index, outcome } = node.registry.transaction(() => {
    const target = targetIndex(node.registry, name, {
      operation,
      requiresAlias: request.parameters.flag('require_alias'),
    })
    return { index: target, outcome: attempt(() => node.writer.write(target, operation)) }
  })
  if (outcome instanceof SearchError) throw outcome
  return { status: statusOf(outcome), body: describeResult(index, outcome, isForced) }
}

/** A refused document does not take back what came before it: the index that was made, the count of failures. */
function attempt(work: () => WriteResult): WriteResult | SearchError {
  try {
    return work()
  } catch (error) {
    if (error instanceof SearchError) return error
    throw error
  }
}

function describeResult(
  index: SearchIndex,
  { id, version, result, seqNo }: WriteResult,
  isForced: boolean,
): JsonObject {
  const copies =
    result === 'noop' ? { total: 0, successful: 0, failed: 0 } : { total: 2, successful: 1, failed: 0 }
  const refreshed = isForced && result !== 'noop' ? { forced_refresh: true } : {}
  return {
    _index: index.name,
    _id: id,
    _version: version,
    result,
    ...refreshed,
    _shards: copies,
    _seq_no: seqNo,
    _primary_term: 1,
  }
}

function update(node: NodeServices, request: ApiRequest): Answer {
  const id = request.pathValue('id')
  const answer = write(node, request, {
    ...conditionsOf(request),
    ...parseUpdateBody(request.bodyText()),
    kind: 'update',
    id,
  })
  const filter = sourceFilterOf(request.parameters)
  if (filter === undefined || !filter.isShown) return answer
  const stored = node.registry.get(request.pathValue('index')).table.find(id)
  if (stored === undefined) return answer
  const get = {
    _seq_no: stored.seqNo,
    _primary_term: 1,
    found: true,
    _source: filterSource(stored.source, filter),
  }
  return { ...answer, body: { ...(answer.body as JsonObject), get } }
}

function describeDocument(
  index: SearchIndex,
  id: string,
  { stored, filter }: { stored: StoredDocument | undefined; filter: SourceFilter },
): JsonObject {
  if (stored === undefined) return { _index: index.name, _id: id, found: false }
  const { version, seqNo, source } = stored
  return {
    _index: index.name,
    _id: id,
    _version: version,
    _seq_no: seqNo,
    _primary_term: 1,
    found: true,
    _source: filterSource(source, filter),
  }
}

function getDocument(node: NodeServices, request: ApiRequest): Answer {
  const index = node.registry.get(request.pathValue('index'))
  const id = request.pathValue('id')
  const stored = index.table.find(id)
  const filter = sourceFilterOf(request.parameters) ?? parseSourceFilter(undefined)
  return { status: stored === undefined ? 404 : 200, body: describeDocument(index, id, { stored, filter }) }
}

function getSource(node: NodeServices, request: ApiRequest): Answer {
  const index = node.registry.get(request.pathValue('index'))
  const id = request.pathValue('id')
  const stored = index.table.find(id)
  if (stored === undefined) {
    throw new SearchError(404, 'resource_not_found_exception', `Document not found [${index.name}]/[${id}]`)
  }
  return ok(filterSource(stored.source, sourceFilterOf(request.parameters) ?? parseSourceFilter(undefined)))
}

interface Wanted {
  readonly index: string
  readonly id: string
  readonly filter: SourceFilter
}

function multiGetDocuments(node: NodeServices, request: ApiRequest): Answer {
  const docs = wantedDocuments(request).map(({ index: name, id, filter }) => {
    const index = node.registry.findForWriting(name)
    if (index === undefined) return { _index: name, _id: id, error: indexNotFound(name).body()['error'] }
    return describeDocument(index, id, { stored: index.table.find(id), filter })
  })
  return ok({ docs })
}

function wantedDocuments(request: ApiRequest): Wanted[] {
  const body = request.bodyObject()
  const byDefault = sourceFilterOf(request.parameters) ?? parseSourceFilter(undefined)
  const unknown = Object.keys(body).find((key) => key !== 'docs' && key !== 'ids')
  if (unknown !== undefined)
    throw parsingException(`unknown key [${unknown}] for a START_ARRAY, expected [docs] or [ids]`)
  const list = [body['docs'] ?? [], body['ids'] ?? []].flat()
  if (list.length === 0) throw validationFailed('no documents to get')
  const complaints: string[] = []
  const wanted = list.map((each: unknown, position) => {
    const { _index, _id, _source } = isJsonObject(each)
      ? each
      : { _index: undefined, _id: each, _source: undefined }
    const index = toText(_index ?? request.pathValue('index'))
    if (index === '') complaints.push(`index is missing for doc ${position}`)
    if (_id === undefined || _id === null) complaints.push(`id is missing for doc ${position}`)
    return { index, id: String(_id), filter: _source === undefined ? byDefault : parseSourceFilter(_source) }
  })
  if (complaints.length > 0) throw validationFailed(...complaints)
  return wanted
}
