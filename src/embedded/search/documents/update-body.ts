import { isJsonObject, tokenName } from '../json/json-object.ts'
import { parseExactly } from '../json/exact-json.ts'
import { locateValue } from '../json/locate-value.ts'
import { writeJson } from '../json/raw-json.ts'
import { parsingException, SearchError } from '../search-error.ts'
import type { UpdateWrite } from './write-operation.ts'

export type UpdateBody = Pick<UpdateWrite, 'doc' | 'upsert' | 'hasScript' | 'detectNoop'>

const FIELDS = new Set([
  'doc',
  'upsert',
  'doc_as_upsert',
  'script',
  'scripted_upsert',
  'detect_noop',
  '_source',
  'if_seq_no',
  'if_primary_term',
])

/** The source of an update: `{"doc": {...}, "doc_as_upsert": true}` and the like. */
export function parseUpdateBody(text: string): UpdateBody {
  let body: unknown
  try {
    body = parseExactly(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SearchError(400, 'x_content_parse_exception', `[1:1] ${reason}`)
  }
  if (!isJsonObject(body))
    throw parsingException(`[UpdateRequest] Expected START_OBJECT but was: ${tokenName(body)}`)
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name))
  if (unknown !== undefined) {
    throw new SearchError(
      400,
      'x_content_parse_exception',
      `[${keyLocation(text, unknown)}] [UpdateRequest] unknown field [${unknown}]`,
    )
  }
  const objectText = (name: 'doc' | 'upsert'): string | undefined => {
    const value = body[name]
    if (value === undefined) return undefined
    if (isJsonObject(value)) return writeJson(value)
    throw new SearchError(
      400,
      'x_content_parse_exception',
      `[${locateValue(text, [name])}] [UpdateRequest] ${name} doesn't support values of type: ${tokenName(value)}`,
    )
  }
  const doc = objectText('doc')
  return {
    doc,
    upsert: body['doc_as_upsert'] === true ? doc : objectText('upsert'),
    hasScript: body['script'] !== undefined,
    detectNoop: body['detect_noop'] !== false,
  }
}

function keyLocation(text: string, key: string): string {
  const at = text.indexOf(JSON.stringify(key))
  const before = text.slice(0, Math.max(at, 0))
  return `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}`
}
