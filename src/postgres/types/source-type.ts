import type { Column } from '../catalog/relation.ts'

/** What JDBC's metadata gives for types without a length. */
const UNKNOWN_LENGTH = 2_147_483_647

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
  return {
    '__debezium.source.column.type': column.type.name.toUpperCase(),
    '__debezium.source.column.length': String(columnLength(column)),
    '__debezium.source.column.scale': String(columnScale(column)),
    '__debezium.source.column.name': column.name,
  }
}

/** The length of a column as JDBC's metadata has it: characters, digits, or the width of its text. */
export function columnLength({ type, typeModifier }: Column): number {
  const timeWidth = TIME_WIDTHS.get(type.name)
  if (timeWidth !== undefined) return timeWidth + (typeModifier < 0 ? 7 : fractionWidth(typeModifier))
  switch (type.name) {
    case 'bpchar':
    case 'varchar':
      return typeModifier < 0 ? UNKNOWN_LENGTH : typeModifier - 4
    case 'numeric':
      return typeModifier < 0 ? 0 : ((typeModifier - 4) >> 16) & 0xffff
    case 'bit':
    case 'varbit':
      return typeModifier < 0 ? UNKNOWN_LENGTH : typeModifier
    default:
      return FIXED_LENGTHS.get(type.name) ?? UNKNOWN_LENGTH
  }
}

function columnScale({ type, typeModifier }: Column): number {
  if (TIME_WIDTHS.has(type.name)) return typeModifier < 0 ? 6 : typeModifier
  switch (type.name) {
    case 'float4':
      return 8
    case 'float8':
      return 17
    case 'numeric':
      return typeModifier < 0 ? 0 : (typeModifier - 4) & 0xffff
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
