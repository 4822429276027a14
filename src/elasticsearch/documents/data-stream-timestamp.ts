import type { SinkRecord } from '../../api/record.ts'
import { documentJson, type DocumentRules } from './document-json.ts'
import { withoutDuplicateFields } from './json-duplicates.ts'
import { fieldOf, hasField } from './record-field.ts'

const TIMESTAMP = '@timestamp'
const TIMESTAMP_BYTES = Buffer.from(`"${TIMESTAMP}"`)

/** Whether a document may have a `@timestamp` somewhere, which has to be looked at more closely. */
export function mayHaveTimestamp(bytes: Buffer, start: number, end: number): boolean {
  const at = bytes.subarray(start, end).indexOf(TIMESTAMP_BYTES)
  return at >= 0
}

/**
 * A document with its `@timestamp`: of the first of the fields that it has, or without any fields the record's. One that
 * the document has itself counts only where it is among the fields. A document that has none of them stays as it is, and
 * is refused for that: all of it as in the reference.
 *
 * @param json of the record's value, an object
 */
export function withTimestamp(
  json: string,
  record: SinkRecord,
  fields: readonly string[],
  rules: DocumentRules,
): string {
  for (const name of fields) {
    if (!hasField(record.value, name)) continue
    const { schema, value } = fieldOf({ schema: record.valueSchema, value: record.value }, name)
    return stamped(json, asText(documentJson(schema, value, rules)))
  }
  if (fields.length > 0) return json
  return stamped(json, String(record.timestamp ?? Date.now()))
}

/** Numbers, booleans and null are texts then, and objects and lists an empty one, as in the reference. */
function asText(json: string): string {
  if (json.startsWith('"')) return json
  return /^[{[]/.test(json) ? '""' : `"${json}"`
}

function stamped(json: string, timestamp: string): string {
  const start = json === '{}' ? '{' : `${json.slice(0, -1)},`
  const all = `${start}"${TIMESTAMP}":${timestamp}}`
  // The last one of a name counts.
  return json.includes(`"${TIMESTAMP}"`) ? (withoutDuplicateFields(all) ?? all) : all
}
