import { Decimal } from '../../api/decimal.ts'
import { DataError } from '../../api/errors.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { typedColumn, type Engine } from '../typed/typed-columns.ts'

export interface DocumentRules {
  /** False (`schema.ignore=false`): decimals become numbers and maps follow `isMapCompact`. */
  readonly isSchemaIgnored: boolean
  /** `compact.map.entries`: maps with string keys are objects, not lists of `{"key","value"}`. */
  readonly isMapCompact: boolean
  /** `mapping.types=source`: values in the form that the mapping of their columns takes; null: as the reference does. */
  readonly typedFor?: Engine | null
}

const DATE = 'org.apache.kafka.connect.data.Date'
const MS_PER_DAY = 86_400_000

/** A value as JSON text: what JsonConverter writes, with what `schema.ignore=false` changes. Throws `DataError`. */
export function documentJson(schema: Schema | null, value: ConnectValue, rules: DocumentRules): string {
  if (value === null) {
    if (schema?.default !== undefined && schema.default !== null) {
      return documentJson(schema, schema.default, rules)
    }
    if (schema !== null && !schema.optional && !rules.isSchemaIgnored) {
      throw new DataError(
        'elasticsearch.record-invalid',
        'null value for field that is required and has no default value',
      )
    }
    return 'null'
  }
  if (schema !== null && rules.typedFor !== undefined && rules.typedFor !== null) {
    const json = typedColumn(schema, rules.typedFor)?.json(value) ?? null
    if (json !== null) return json
  }
  if (typeof value === 'string') return schema?.name === LOGICAL.json ? value : JSON.stringify(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return typeof value === 'number' ? numberJson(value, schema) : objectJson(schema, value, rules)
}

function objectJson(
  schema: Schema | null,
  value: NonNullable<ConnectValue> & object,
  rules: DocumentRules,
): string {
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (value instanceof Decimal) {
    if (schema !== null && !rules.isSchemaIgnored) return numberJson(Number(value.toString()), null)
    return JSON.stringify(twosComplement(value.unscaled).toString('base64'))
  }
  if (value instanceof Date) {
    const ms = value.getTime()
    return String(schema?.name === DATE ? Math.floor(ms / MS_PER_DAY) : ms)
  }
  if (Array.isArray(value)) {
    const items = value as readonly ConnectValue[]
    return `[${items.map((item) => documentJson(schema?.valueSchema ?? null, item, rules)).join(',')}]`
  }
  if (value instanceof Map) return mapJson(schema, value as ReadonlyMap<ConnectValue, ConnectValue>, rules)
  if (!isStruct(value)) {
    throw new DataError('elasticsearch.record-invalid', 'A value of unknown type cannot be written as JSON.')
  }
  const fields = value.schema.fields ?? []
  return `{${fields
    .map((field, i) => `${JSON.stringify(field.name)}:${documentJson(field.schema, value.at(i), rules)}`)
    .join(',')}}`
}

function mapJson(
  schema: Schema | null,
  map: ReadonlyMap<ConnectValue, ConnectValue>,
  rules: DocumentRules,
): string {
  const keySchema = schema?.keySchema ?? null
  const valueSchema = schema?.valueSchema ?? null
  const hasStringKeys =
    keySchema === null ? [...map.keys()].every((key) => typeof key === 'string') : keySchema.type === 'string'
  const isConverted = schema !== null && !rules.isSchemaIgnored
  const entries = [...map].map(([key, value]) => [
    documentJson(keySchema, key, rules),
    documentJson(valueSchema, value, rules),
  ])
  if (hasStringKeys && (!isConverted || rules.isMapCompact))
    return `{${entries.map(([k, v]) => `${k}:${v}`).join(',')}}`
  if (isConverted) return `[${entries.map(([k, v]) => `{"key":${k},"value":${v}}`).join(',')}]`
  return `[${entries.map(([k, v]) => `[${k},${v}]`).join(',')}]`
}

/**
 * A number as Jackson writes it: whole numbers of a floating type keep `.0`, because 1 and 1.0 get different mappings;
 * what is not finite is a string.
 */
function numberJson(value: number, schema: Schema | null): string {
  if (!Number.isFinite(value)) return `"${value}"`
  const type = schema?.type ?? 'double'
  if (type.startsWith('int')) return String(value)
  if (type === 'float') return withPoint(shortestFloat(value))
  return Object.is(value, -0) ? '-0.0' : withPoint(String(value))
}

function withPoint(text: string): string {
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** The shortest decimal that reads back as the same 32-bit float: 0.1, not 0.10000000149011612. */
function shortestFloat(value: number): string {
  const float = Math.fround(value)
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(float.toPrecision(digits)))
    if (Math.fround(Number(text)) === float) return text
  }
  return String(Number(float.toPrecision(9)))
}

/** `java.math.BigInteger.toByteArray`: big-endian two's complement in as few bytes as hold it. */
function twosComplement(value: bigint): Buffer {
  let bytes = 1
  while (value !== BigInt.asIntN(bytes * 8, value)) bytes++
  return Buffer.from(
    BigInt.asUintN(bytes * 8, value)
      .toString(16)
      .padStart(bytes * 2, '0'),
    'hex',
  )
}
