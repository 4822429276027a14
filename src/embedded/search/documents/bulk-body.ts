import { isUtf8 } from 'node:buffer'
import { isJsonObject, tokenName, type JsonObject, toText } from '../json/json-object.ts'
import { parseForIndexing } from '../json/exact-json.ts'
import { illegalArgument } from '../search-error.ts'
import { newDocumentId } from './document-id.ts'
import { parseUpdateBody } from './update-body.ts'
import { parseVersionType, type WriteOperation } from './write-operation.ts'

export interface BulkItem {
  /** As given by the action or by the path; undefined where neither names one. */
  readonly index: string | undefined
  readonly requireAlias: boolean
  readonly operation: WriteOperation
}

const METADATA = new Set([
  '_index',
  '_id',
  'version',
  'version_type',
  'if_seq_no',
  'if_primary_term',
  'routing',
  'retry_on_conflict',
  'require_alias',
  'dynamic_templates',
  'pipeline',
  '_source',
  'op_type',
  'list_executed_pipelines',
])
const NEWLINE = 10

/** The lines of a bulk body, one at a time: the whole is never held a second time. */
function* lines(body: Buffer): Generator<string> {
  if (body[body.length - 1] !== NEWLINE) {
    throw illegalArgument('The bulk request must be terminated by a newline [\\n]')
  }
  const isText = isUtf8(body)
  for (let start = 0; start < body.length;) {
    const end = body.indexOf(NEWLINE, start)
    const line = body.subarray(start, end)
    if (!isText && !isUtf8(line)) throw illegalArgument('Malformed bulk body: a line is not valid UTF-8')
    yield line.toString('utf8').trim()
    start = end + 1
  }
}

export interface BulkBodyOptions {
  /** The index of the path. */
  readonly defaultIndex: string | undefined
  /** For the ids of the documents that come without. */
  readonly nowMs: number
}

/** Parses the whole body before anything is written: a malformed action refuses the whole request. */
export function parseBulkBody(body: Buffer, { defaultIndex, nowMs }: BulkBodyOptions): BulkItem[] {
  const items: BulkItem[] = []
  const remaining = lines(body)
  let lineNumber = 0
  for (const line of remaining) {
    lineNumber++
    if (line === '') continue
    const action = parseAction(line, lineNumber)
    const base = {
      index: textOf(action.metadata['_index']) ?? defaultIndex,
      requireAlias: toText(action.metadata['require_alias'] ?? false) === 'true',
    }
    const conditions = conditionsOf(action)
    const id = textOf(action.metadata['_id'])
    if (action.kind === 'delete') {
      items.push({ ...base, operation: { ...conditions, kind: 'delete', id: id ?? '' } })
      continue
    }
    const { value: source, done } = remaining.next()
    // An action without a source at the end of the body is dropped, as Elasticsearch drops it.
    if (done === true) break
    lineNumber++
    items.push({ ...base, operation: operationOf({ ...action, id, source, nowMs }, conditions) })
  }
  return items
}

interface Action {
  readonly kind: WriteOperation['kind']
  readonly metadata: JsonObject
}

function operationOf(
  {
    kind,
    id,
    source,
    nowMs,
  }: { kind: Action['kind']; id: string | undefined; source: string; nowMs: number },
  conditions: ReturnType<typeof conditionsOf>,
): WriteOperation {
  if (kind === 'update') return { ...conditions, ...parseUpdateBody(source), kind, id: id ?? '' }
  if (kind === 'delete') throw new Error('a delete has no source')
  return { ...conditions, kind, id: id ?? newDocumentId(nowMs), source }
}

function parseAction(line: string, lineNumber: number): Action {
  const malformed = (detail: string): Error =>
    illegalArgument(`Malformed action/metadata line [${lineNumber}], ${detail}`)
  let value: unknown
  try {
    value = parseForIndexing(line)
  } catch {
    throw malformed('it is not valid JSON')
  }
  if (!isJsonObject(value)) throw malformed(`expected START_OBJECT but found [${tokenName(value)}]`)
  const [entry, ...more] = Object.entries(value)
  if (entry === undefined) throw malformed('expected FIELD_NAME but found [END_OBJECT]')
  const [kind, metadata] = entry
  if (kind !== 'index' && kind !== 'create' && kind !== 'update' && kind !== 'delete') {
    throw malformed(`expected field [create], [delete], [index] or [update] but found [${kind}]`)
  }
  if (!isJsonObject(metadata)) throw malformed(`expected START_OBJECT but found [${tokenName(metadata)}]`)
  if (more.length > 0) throw malformed('expected END_OBJECT but found [FIELD_NAME]')
  const unknown = Object.keys(metadata).find((name) => !METADATA.has(name))
  if (unknown !== undefined) {
    throw illegalArgument(`Action/metadata line [${lineNumber}] contains an unknown parameter [${unknown}]`)
  }
  return { kind, metadata }
}

function conditionsOf({
  kind,
  metadata,
}: Action): Pick<WriteOperation, 'version' | 'versionType' | 'ifSeqNo' | 'ifPrimaryTerm'> {
  const versionType = parseVersionType(textOf(metadata['version_type']))
  const version = integerOf(metadata, 'version')
  if (kind === 'update' && (versionType !== 'internal' || version !== undefined)) {
    throw illegalArgument(
      'Update requests do not support versioning. Please use `if_seq_no` and `if_primary_term` instead',
    )
  }
  const [ifSeqNo, ifPrimaryTerm] = [integerOf(metadata, 'if_seq_no'), integerOf(metadata, 'if_primary_term')]
  return {
    versionType,
    version,
    ifSeqNo: ifSeqNo === undefined ? undefined : Number(ifSeqNo),
    ifPrimaryTerm: ifPrimaryTerm === undefined ? undefined : Number(ifPrimaryTerm),
  }
}

function integerOf(metadata: JsonObject, name: string): bigint | undefined {
  const value = metadata[name]
  if (value === undefined || value === null) return undefined
  return parseLong(toText(value), name)
}

const MAX_LONG = 2n ** 63n - 1n

/** A 64-bit integer of the wire. */
export function parseLong(text: string, name: string): bigint {
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined
  if (value !== undefined && value <= MAX_LONG && value >= -MAX_LONG) return value
  throw illegalArgument(`Failed to parse long parameter [${name}] with value [${text}]`)
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : toText(value)
}
