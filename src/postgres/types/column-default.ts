import { Decimal } from '../../api/decimal.ts'
import { withScale } from '../../api/json/json-decimal.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { Column } from '../catalog/relation.ts'
import { numericScale } from './numeric-codecs.ts'
import type { ValueCodec } from './value-codec.ts'

/** An expression that calls a function, possibly in a parenthesis. */
const FUNCTION = /^[(]?[A-Za-z0-9_.]+\((?:.+(?:, ?.+)*)?\)/
const LITERAL = /'([^']*(?:''[^']*)*)'/
const NOW = /^(current_timestamp|current_time|current_date|localtime|localtimestamp)$/i

/** The types whose defaults are understood, with the text that stands for a computed one. */
const COMPUTED: ReadonlyMap<string, string> = new Map([
  ['bit', '00'],
  ['varbit', '0'],
  ['bool', 'f'],
  ['bpchar', ''],
  ['varchar', ''],
  ['text', ''],
  ['numeric', '0'],
  ['float4', '0'],
  ['float8', '0'],
  ['int2', '0'],
  ['int4', '0'],
  ['int8', '0'],
  ['json', '{}'],
  ['jsonb', '{}'],
  ['xml', ''],
  ['uuid', '00000000-0000-0000-0000-000000000000'],
  ['date', '1970-01-01'],
  ['time', '00:00:00'],
  ['timestamp', '1970-01-01 00:00:00'],
  ['timestamptz', '1970-01-01 00:00:00+00'],
  ['interval', '00:00:00'],
])

/** What texts of the literal must look like where reading them as something else would give nonsense. */
const SHAPES: ReadonlyMap<string, RegExp> = new Map([
  ['numeric', /^[+-]?\d+(\.\d+)?$/],
  ['float4', /^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|NaN|-?Infinity)$/],
  ['float8', /^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|NaN|-?Infinity)$/],
  ['int2', /^[+-]?\d+$/],
  ['int4', /^[+-]?\d+$/],
  ['int8', /^[+-]?\d+$/],
  ['bit', /^[01]+$/],
  ['varbit', /^[01]*$/],
  ['uuid', /^[0-9a-fA-F-]{36}$/],
  ['date', /^(\d{4,}-\d\d-\d\d( BC)?|-?infinity)$/],
  ['time', /^\d\d:\d\d:\d\d(\.\d+)?$/],
  ['timestamp', /^(\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?( BC)?|-?infinity)$/],
  ['timestamptz', /^(\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)*( BC)?|-?infinity)$/],
])

/**
 * A column's default as the schema carries it, from `pg_get_expr`: constants as they are, a zero of the type for what is
 * computed, undefined for expressions and types that the reference does not understand either.
 */
export function columnDefault(column: Column, codec: ValueCodec): ConnectValue | undefined {
  // Those of domains are not understood by the reference: it goes by the name of the type.
  if (column.defaultExpression === null || column.type.base !== null) return undefined
  // A struct cannot be a default (KAFKA-12694).
  if (codec.schema.type === 'struct') return undefined
  const { type, typeModifier } = column
  const text =
    type.kind === 'e'
      ? enumDefault(column.defaultExpression)
      : defaultText(type.name, column.defaultExpression)
  if (text === null) return undefined
  const bytes = Buffer.from(type.name === 'numeric' ? atColumnScale(text, typeModifier) : text)
  return codec.decode(bytes, 0, bytes.length) ?? undefined
}

/** As PostgreSQL would give it, with all digits of the column's scale. */
function atColumnScale(text: string, typeModifier: number): string {
  if (typeModifier < 0) return text
  return withScale(Decimal.parse(text), numericScale(typeModifier))?.toString() ?? text
}

/** In PostgreSQL's text form of the type, or null. */
function defaultText(type: string, expression: string): string | null {
  const computed = COMPUTED.get(type)
  if (computed === undefined) return null
  const trimmed = expression.trim()
  if (FUNCTION.test(trimmed) || NOW.test(trimmed)) return computed
  if (trimmed.startsWith('NULL::')) return null
  const literal = LITERAL.exec(expression)
  const text = literal === null ? expression : literal[1]!.replaceAll("''", "'")
  if (type === 'bool') return text.trim().toLowerCase() === 'true' ? 't' : 'f'
  const shape = SHAPES.get(type)
  if (shape === undefined) return text
  return shape.test(text.trim()) ? text.trim() : null
}

/** `'ok'::mood`; nothing but a cast literal counts. */
function enumDefault(expression: string): string | null {
  return /^'(.*)'::[^']+$/s.exec(expression)?.[1] ?? null
}
