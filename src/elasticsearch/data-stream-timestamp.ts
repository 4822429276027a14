import type { SinkRecord } from '../api/record.ts'
import { documentJson, type DocumentRules } from './document-json.ts'
import { withoutDuplicateFields } from './json-duplicates.ts'
import { fieldOf } from './record-field.ts'

const TIMESTAMP = '@timestamp'
const TIMESTAMP_BYTES = Buffer.from(`"${TIMESTAMP}"`)

/** Whether a document may have a `@timestamp` somewhere, which has to be looked at more closely. */
export function mayHaveTimestamp(bytes: Buffer, start: number, end: number): boolean {
  const at = bytes.subarray(start, end).indexOf(TIMESTAMP_BYTES)
  return at >= 0
}

/**
 * A document with its `@timestamp`: of the first of the fields that it has, else the record's. One that the document has
 * itself counts only where it is among the fields, as in the reference.
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
    const { schema, value } = fieldOf({ schema: record.valueSchema, value: record.value }, name)
    if (value === null) continue
    return name === TIMESTAMP ? json : stamped(json, asText(documentJson(schema, value, rules)))
  }
  return stamped(json, String(record.timestamp ?? Date.now()))
}

/** Numbers are texts then, as in the reference. */
function asText(json: string): string {
  return /^["{[]/.test(json) ? json : `"${json}"`
}

function stamped(json: string, timestamp: string): string {
  const start = json === '{}' ? '{' : `${json.slice(0, -1)},`
  const all = `${start}"${TIMESTAMP}":${timestamp}}`
  // The last one of a name counts.
  return json.includes(`"${TIMESTAMP}"`) ? (withoutDuplicateFields(all) ?? all) : all
}
