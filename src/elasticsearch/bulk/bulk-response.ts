import { failureChain, parseFailure, type ElasticsearchFailure } from '../client/elasticsearch-error.ts'

/** What became of one item. */
export type ItemVerdict =
  | { readonly kind: 'done' }
  /** A newer version is there already. */
  | { readonly kind: 'outdated' }
  /** A document of this id is there already, and may not be replaced. */
  | { readonly kind: 'exists'; readonly failure: ElasticsearchFailure }
  /** The cause is expected to pass. */
  | { readonly kind: 'retry'; readonly failure: ElasticsearchFailure }
  /** Another request brought the same new field at the same time, with another type; tried again it may fit. */
  | { readonly kind: 'mapping-race'; readonly failure: ElasticsearchFailure }
  /** The index is gone and Elasticsearch may not make it by itself. */
  | { readonly kind: 'index-missing'; readonly failure: ElasticsearchFailure }
  /** The document does not fit: `behavior.on.malformed.documents` decides. */
  | { readonly kind: 'malformed'; readonly failure: ElasticsearchFailure }
  | { readonly kind: 'fatal'; readonly failure: ElasticsearchFailure }

const DONE: ItemVerdict = { kind: 'done' }
const OUTDATED: ItemVerdict = { kind: 'outdated' }

const MALFORMED_TYPES = new Set([
  'strict_dynamic_mapping_exception',
  'mapper_parsing_exception',
  'illegal_argument_exception',
  'action_request_validation_exception',
  'document_parsing_exception',
])

/**
 * A mapping that was made for a document could not be merged into the index's. A document whose fields were known before
 * gets another answer (`mapper_parsing_exception`, later `document_parsing_exception`).
 */
const MAPPING_RACE = /^(?:mapper \[|can't merge a non[ -]object mapping )/

const TRANSIENT_TYPES = new Set([
  'es_rejected_execution_exception',
  'rejected_execution_exception',
  'unavailable_shards_exception',
  'no_shard_available_action_exception',
  'cluster_block_exception',
  'circuit_breaking_exception',
  'process_cluster_event_timeout_exception',
  'node_closed_exception',
  'node_not_connected_exception',
  'node_disconnected_exception',
  'master_not_discovered_exception',
])

export function isTransientStatus(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504
}

/** Judges an item by its operation, status and error. */
export function judgeItem(operation: string, status: number, error: unknown): ItemVerdict {
  if (error === undefined) {
    // A document that is deleted already answers 404 without an error.
    if (status < 300 || (operation === 'delete' && status === 404)) return DONE
    return status === 409 && operation !== 'update' && operation !== 'create'
      ? OUTDATED
      : judgeFailure(operation, status, parseFailure(undefined))
  }
  return judgeFailure(operation, status, parseFailure(error))
}

/** Judges an item that failed, or a whole request that held this item alone. */
export function judgeFailure(operation: string, status: number, failure: ElasticsearchFailure): ItemVerdict {
  if (status === 409) {
    // Only writes with an external version can conflict otherwise; an update lost a race against another writer.
    if (operation === 'create') return { kind: 'exists', failure }
    return operation === 'update' ? { kind: 'retry', failure } : OUTDATED
  }
  if (isTransientStatus(status) || TRANSIENT_TYPES.has(failure.type)) return { kind: 'retry', failure }
  if (failure.type === 'index_not_found_exception') return { kind: 'index-missing', failure }
  if (failure.type === 'illegal_argument_exception' && MAPPING_RACE.test(failure.reason))
    return { kind: 'mapping-race', failure }
  for (const { type } of failureChain(failure)) {
    if (MALFORMED_TYPES.has(type)) return { kind: 'malformed', failure }
  }
  return { kind: 'fatal', failure }
}

const NO_ERRORS = Buffer.from('{"errors":false,')
const STATUS = Buffer.from('"status":')
const END_OF_OBJECT = 0x7d

/**
 * Whether a bulk answer says that every item succeeded, without parsing it: 2,000 items make 4,000 objects. False: parse.
 * A quote inside a text is escaped, so `"status":` stands only where an item has its status.
 */
export function isAllDone(bytes: Buffer, expectedItems: number): boolean {
  if (bytes.at(-1) !== END_OF_OBJECT || bytes.indexOf(NO_ERRORS) !== 0) return false
  let items = 0
  for (let at = bytes.indexOf(STATUS); at >= 0; at = bytes.indexOf(STATUS, at + STATUS.length)) items++
  return items === expectedItems
}

/** The verdicts of a bulk answer, or null where it is cut or not one: then nothing is known of the request. */
export function parseBulkResponse(text: string, expectedItems: number): readonly ItemVerdict[] | null {
  let items: unknown
  try {
    items = (JSON.parse(text) as { items?: unknown }).items
  } catch {
    return null
  }
  if (!Array.isArray(items) || items.length !== expectedItems) return null
  const verdicts: ItemVerdict[] = []
  for (const item of items as Record<string, { status?: unknown; error?: unknown }>[]) {
    for (const operation in item) {
      const { status, error } = item[operation]!
      verdicts.push(judgeItem(operation, Number(status), error))
    }
  }
  return verdicts.length === expectedItems ? verdicts : null
}
