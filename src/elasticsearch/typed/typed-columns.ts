import { Decimal } from '../../api/decimal.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { dateText, timestampText, timeText } from './temporal-text.ts'

/** What a column's type asks for beyond what Connect's types say. */
export interface TypedColumn {
  readonly mapping: object
  /** The value in the form that the mapping takes, as JSON; null: as it is written otherwise. */
  json(value: NonNullable<ConnectValue>): string | null
}

/** Servers that differ in the types that they have. */
export type Engine = 'elasticsearch' | 'opensearch'

// One value that does not fit must not keep its document out: the field is not indexed then, and the value is kept.
const lenient = (type: string) => ({ type, ignore_malformed: true })
const asItIs = () => null
const text = (value: string) => JSON.stringify(value)
const KEYWORD: TypedColumn = { mapping: { type: 'keyword', ignore_above: 8191 }, json: asItIs }
const DATE = lenient('date')
const DATE_TEXT: TypedColumn = { mapping: DATE, json: asItIs }

const BY_NAME: Readonly<Record<string, TypedColumn>> = {
  'io.debezium.time.Date': { mapping: DATE, json: (days) => text(dateText(Number(days))) },
  'io.debezium.time.Timestamp': moments(3),
  'io.debezium.time.MicroTimestamp': moments(6),
  'io.debezium.time.NanoTimestamp': moments(9),
  'io.debezium.time.Time': times(3),
  'io.debezium.time.MicroTime': times(6),
  'io.debezium.time.NanoTime': times(9),
  'org.apache.kafka.connect.data.Date': {
    mapping: DATE,
    json: (value) => text((value as Date).toISOString().split('T')[0]!),
  },
  'org.apache.kafka.connect.data.Timestamp': {
    mapping: DATE,
    json: (value) => text(timestampText(BigInt((value as Date).getTime()), 3)),
  },
  'org.apache.kafka.connect.data.Time': {
    mapping: KEYWORD.mapping,
    json: (value) => text(timeText(BigInt((value as Date).getTime()), 3)),
  },
  'io.debezium.time.ZonedTimestamp': DATE_TEXT,
  'io.debezium.time.IsoTimestamp': DATE_TEXT,
  'io.debezium.time.IsoDate': DATE_TEXT,
  'io.tailrace.time.Timestamp': DATE_TEXT,
  'io.tailrace.time.Date': DATE_TEXT,
  'io.debezium.time.ZonedTime': KEYWORD,
  'io.debezium.time.IsoTime': KEYWORD,
  'io.tailrace.time.Time': KEYWORD,
  'io.debezium.time.Interval': KEYWORD,
  'io.debezium.data.Uuid': KEYWORD,
  'io.debezium.data.Enum': KEYWORD,
  'io.debezium.data.Ltree': KEYWORD,
  'io.debezium.data.VariableScaleDecimal': { mapping: { type: 'double' }, json: variableDecimal },
  'io.debezium.data.geometry.Point': { mapping: lenient('geo_point'), json: point },
}

/** By the type of the column, where the source propagates it (`column.propagate.source.type`). */
const BY_COLUMN_TYPE: Readonly<Record<string, TypedColumn>> = {
  INET: { mapping: lenient('ip'), json: asItIs },
  CIDR: KEYWORD,
  MACADDR: KEYWORD,
  MACADDR8: KEYWORD,
}

/** Beyond this many digits a scaled number does not fit into the 64 bits that it is kept in. */
const MAX_SCALED_DIGITS = 18

/** Null: Connect's own type says it all. */
export function typedColumn(schema: Schema, engine: Engine): TypedColumn | null {
  const { name = '', parameters = {} } = schema
  const byName = BY_NAME[name]
  if (byName !== undefined) return byName
  switch (name) {
    case 'org.apache.kafka.connect.data.Decimal':
      return decimals(parameters)
    case 'io.debezium.data.Json':
      return documents(engine)
    case LOGICAL.json:
      return parameters['kind'] === 'document' ? documents(engine) : null
    case 'io.debezium.data.DoubleVector':
    case 'io.debezium.data.FloatVector':
      return vectors(parameters, engine)
  }
  const byType = schema.type === 'string' ? BY_COLUMN_TYPE[parameters['__debezium.source.column.type'] ?? ''] : undefined // prettier-ignore
  return byType ?? (schema.type === 'map' ? { mapping: flattened(engine), json: asItIs } : null)
}

function moments(digits: 3 | 6 | 9): TypedColumn {
  return { mapping: DATE, json: (value) => text(timestampText(BigInt(value as number | bigint), digits)) }
}

function times(digits: 3 | 6 | 9): TypedColumn {
  return {
    mapping: KEYWORD.mapping,
    json: (value) => text(timeText(BigInt(value as number | bigint), digits)),
  }
}

function decimals(parameters: Readonly<Record<string, string>>): TypedColumn {
  const scale = Number(parameters['scale'] ?? 0)
  const precision = Number(parameters['connect.decimal.precision'] ?? Infinity)
  const json = (value: NonNullable<ConnectValue>) => (value instanceof Decimal ? value.toString() : null)
  const isScaled = scale >= 0 && precision <= MAX_SCALED_DIGITS
  return {
    mapping: isScaled ? { type: 'scaled_float', scaling_factor: 10 ** scale } : { type: 'double' },
    json,
  }
}

function variableDecimal(value: NonNullable<ConnectValue>): string | null {
  if (!isStruct(value)) return null
  const bytes = Buffer.from(value.get('value') as Uint8Array)
  const unscaled = BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex') || '0'}`))
  return new Decimal(unscaled, Number(value.get('scale'))).toString()
}

/** An object as it is; other JSON, which the mapping does not take, as `{"value": …}`. */
function documents(engine: Engine): TypedColumn {
  const json = (value: NonNullable<ConnectValue>) => {
    if (typeof value !== 'string') return null
    const line = value.trim().replaceAll(/[\r\n]/g, ' ')
    return line.startsWith('{') ? line : `{"value":${line}}`
  }
  return { mapping: flattened(engine), json }
}

function flattened(engine: Engine): object {
  return engine === 'opensearch' ? { type: 'flat_object' } : { type: 'flattened', ignore_above: 8191 }
}

function vectors(parameters: Readonly<Record<string, string>>, engine: Engine): TypedColumn {
  const dims = Number(parameters['__debezium.source.column.length'] ?? 0)
  const isKnown = engine === 'elasticsearch' && Number.isInteger(dims) && dims > 0 && dims <= 4096
  return { mapping: isKnown ? { type: 'dense_vector', dims } : { type: 'float' }, json: asItIs }
}

function point(value: NonNullable<ConnectValue>): string | null {
  return isStruct(value) ? `{"lat":${Number(value.get('y'))},"lon":${Number(value.get('x'))}}` : null
}
