import type { Column } from '../catalog/relation.ts'

/** What JDBC's metadata gives for types without a length. */
const UNKNOWN_LENGTH = 2_147_483_647

/** Of elements of an array of numerics; for a numeric column it is 0. */
const MOST_DIGITS = 131_089

const FIXED_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['bool', 1],
  ['char', 1],
  ['int2', 5],
  ['int4', 10],
  ['oid', 10],
  ['int8', 19],
  ['float4', 8],
  ['float8', 17],
  ['date', 13],
  ['interval', 49],
])

/** The widths of times as text, without the fraction of a second. */
const TIME_WIDTHS: ReadonlyMap<string, number> = new Map([
  ['time', 8],
  ['timetz', 14],
  ['timestamp', 22],
  ['timestamptz', 28],
])

/** What `column.propagate.source.type` adds to a column's schema. */
export function sourceTypeParameters(column: Column): Readonly<Record<string, string>> {
  const scale = columnScale(column)
  return {
    '__debezium.source.column.type': sourceTypeName(column).toUpperCase(),
    '__debezium.source.column.length': String(columnLength(column)),
    ...(scale !== null && { '__debezium.source.column.scale': String(scale) }),
    '__debezium.source.column.name': column.name,
  }
}

/** The type as JDBC's metadata names it: integers that take their values from a sequence are serial. */
export function sourceTypeName({ type, defaultExpression }: Column): string {
  const serial = defaultExpression?.includes('nextval(') === true ? SERIAL_TYPES.get(type.name) : undefined
  return serial ?? type.name
}

const SERIAL_TYPES: ReadonlyMap<string, string> = new Map([
  ['int2', 'smallserial'],
  ['int4', 'serial'],
  ['int8', 'bigserial'],
])

/** What has a length and a scale. */
interface Measured {
  readonly type: Column['type']
  readonly typeModifier: number
}

/** What has those of a column: the base of a domain, the elements of an array. */
function measured({ type, typeModifier }: Measured): Measured & { readonly isElement: boolean } {
  if (type.base !== null) {
    const { base } = type
    return measured(base.typeModifier < 0 ? { type: base.type, typeModifier } : base)
  }
  return { type: type.element ?? type, typeModifier, isElement: type.element !== null }
}

/** The length of a column as JDBC's metadata has it: characters, digits, or the width of its text. */
export function columnLength(column: Measured): number {
  const { type, typeModifier, isElement } = measured(column)
  const timeWidth = TIME_WIDTHS.get(type.name)
  if (timeWidth !== undefined) return timeWidth + (typeModifier < 0 ? 7 : fractionWidth(typeModifier))
  switch (type.name) {
    case 'bpchar':
    case 'varchar':
      return typeModifier < 0 ? UNKNOWN_LENGTH : typeModifier - 4
    case 'numeric':
      if (typeModifier >= 0) return ((typeModifier - 4) >> 16) & 0xffff
      return isElement ? MOST_DIGITS : 0
    case 'bit':
    case 'varbit':
      return typeModifier < 0 ? UNKNOWN_LENGTH : typeModifier
    default:
      return FIXED_LENGTHS.get(type.name) ?? UNKNOWN_LENGTH
  }
}

/** Null where there is none to tell. */
function columnScale(column: Measured): number | null {
  const { type, typeModifier, isElement } = measured(column)
  if (TIME_WIDTHS.has(type.name)) return typeModifier < 0 ? 6 : typeModifier
  switch (type.name) {
    case 'float4':
      return 8
    case 'float8':
      return 17
    case 'numeric':
      if (typeModifier >= 0) return (typeModifier - 4) & 0xffff
      return isElement ? 0 : null
    case 'interval':
      return typeModifier < 0 ? 6 : typeModifier & 0xffff
    default:
      return 0
  }
}

/** With the point; the driver counts one digit as two. */
function fractionWidth(digits: number): number {
  if (digits === 0) return 0
  return digits === 1 ? 3 : digits + 1
}
