import type { SchemaAndValue } from '../../api/plugin.ts'
import { DataError } from '../../api/errors.ts'
import { isStruct } from '../../api/struct.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import { documentIdFromKey } from '../documents/document-id.ts'
import { documentJson } from '../documents/document-json.ts'

const SEPARATOR = '|'
/** As COPY writes null. */
const NULL = '\\N'

/**
 * The document id that a key of any kind gives: a text or whole number as it is; of an object with one field that
 * field's value; of one with several all values in their order, with `|` between, where `\` and `|` in a value are `\\`
 * and `\|` and a null is `\N`. Two keys never share an id. Throws `DataError`.
 */
export function idFromAnyKey({ schema, value }: SchemaAndValue): string {
  const parts = partsOf(schema, value)
  if (parts === null) return documentIdFromKey(schema, value)
  if (parts.length === 0) throw new DataError('elasticsearch.record-invalid', 'Key is used as document id and can not be empty.') // prettier-ignore
  const [only] = parts
  if (parts.length > 1) return parts.map(escapedText).join(SEPARATOR)
  if (only!.value === null) {
    throw new DataError('elasticsearch.record-invalid', 'Key is used as document id and can not be null.')
  }
  const id = plainText(only!)
  if (id === '') throw new DataError('elasticsearch.record-invalid', 'Key is used as document id and can not be empty.') // prettier-ignore
  return id
}

/**
 * The way back: the values of a key of so many fields that gives this id, of which texts and whole numbers are what they
 * are in the id. Null: no key of so many fields does, or one with a null in it.
 */
export function keyOfId(id: string, fields: number): readonly string[] | null {
  if (fields === 1) return [id]
  const parts = ['']
  for (let i = 0; i < id.length; i++) {
    if (id[i] === SEPARATOR) parts.push('')
    else {
      if (id[i] === '\\' && id[++i] === 'N') return null
      parts[parts.length - 1] += id[i] ?? ''
    }
  }
  return parts.length === fields ? parts : null
}

function partsOf(schema: Schema | null, value: ConnectValue): readonly SchemaAndValue[] | null {
  if (isStruct(value)) {
    return (value.schema.fields ?? []).map((field, i) => ({ schema: field.schema, value: value.at(i) }))
  }
  if (value instanceof Map) {
    const fields = value as ReadonlyMap<ConnectValue, ConnectValue>
    return [...fields.values()].map((one) => ({ schema: schema?.valueSchema ?? null, value: one }))
  }
  return null
}

function escapedText(part: SchemaAndValue): string {
  return part.value === null ? NULL : plainText(part).replace(/[\\|]/g, '\\$&')
}

/** Text as it is; everything else as its JSON. */
function plainText({ schema, value }: SchemaAndValue): string {
  if (typeof value === 'string') return value
  const json = documentJson(schema, value, { isSchemaIgnored: false, isMapCompact: true })
  return json.startsWith('"') ? (JSON.parse(json) as string) : json
}
