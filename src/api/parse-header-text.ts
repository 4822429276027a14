import { parseDecimal } from './json/json-reader.ts'
import { withScale } from './json/json-decimal.ts'
import { LOGICAL } from './json/json-writer.ts'
import type { SchemaAndValue } from './plugin.ts'
import { primitiveSchema, type Schema } from './schema.ts'
import type { ConnectValue } from './value.ts'

const TEXT = primitiveSchema('string')
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const DATE = /^\d{4}-\d\d-\d\d$/
const TIME = /^\d\d:\d\d:\d\d\.\d{3}Z$/
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const INTEGERS = [
  ['int8', 8],
  ['int16', 16],
  ['int32', 32],
  ['int64', 64],
] as const

/** Guesses the type of a header's text as Connect's `Values.parseString` does; what is nothing else is a string. */
export function parseHeaderText(text: string): SchemaAndValue {
  const trimmed = text.trim()
  if (trimmed.startsWith('[') || trimmed.startsWith('{')) {
    return new InnerParser(trimmed).parse() ?? { schema: TEXT, value: text }
  }
  return parsePlain(trimmed) ?? { schema: TEXT, value: text }
}

/** Null: it is a string. */
function parsePlain(text: string): SchemaAndValue | null {
  if (text === 'null') return { schema: null, value: null }
  if (text === 'true' || text === 'false')
    return { schema: primitiveSchema('boolean'), value: text === 'true' }
  // One that begins with its point is text to Java's parser.
  if (NUMBER.test(text) && !text.startsWith('.')) return parseNumber(text)
  return parseMoment(text)
}

/** The least integer type that holds it, else the least float type that is not infinite, else a decimal. */
function parseNumber(text: string): SchemaAndValue | null {
  if (Math.abs(Number(/[eE](.*)$/.exec(text)?.[1] ?? 0)) > 10_000) return null
  const plain = text
    .replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?=$|[eE])/, '')
  const decimal = parseDecimal(plain)
  const whole = withScale(decimal, 0)
  if (whole !== null) {
    for (const [type, bits] of INTEGERS) {
      if (BigInt.asIntN(bits, whole.unscaled) !== whole.unscaled) continue
      return {
        schema: primitiveSchema(type),
        value: type === 'int64' ? whole.unscaled : Number(whole.unscaled),
      }
    }
  }
  // A large integer stays exact unless it was written with an exponent.
  if (decimal.scale !== 0) {
    const double = Number(plain)
    const single = Math.fround(double)
    if (Number.isFinite(single)) return { schema: primitiveSchema('float'), value: single }
    if (Number.isFinite(double)) return { schema: primitiveSchema('double'), value: double }
  }
  const parameters = { scale: String(decimal.scale) }
  return {
    schema: primitiveSchema('bytes', { name: LOGICAL.decimal, version: 1, parameters }),
    value: decimal,
  }
}

function parseMoment(text: string): SchemaAndValue | null {
  const moment = (type: 'int32' | 'int64', name: string, iso: string): SchemaAndValue | null => {
    const value = new Date(iso)
    return Number.isNaN(value.getTime())
      ? null
      : { schema: primitiveSchema(type, { name, version: 1 }), value }
  }
  if (DATE.test(text)) return moment('int32', LOGICAL.date, text)
  if (TIME.test(text)) return moment('int32', LOGICAL.time, `1970-01-01T${text}`)
  if (TIMESTAMP.test(text)) return moment('int64', LOGICAL.timestamp, text)
  return null
}

/** Arrays and maps. Text after the closing bracket is passed over, as in the reference. */
class InnerParser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Null: brackets or elements that are not as they should be, so the whole is a string. */
  parse(): SchemaAndValue | null {
    this.#skipSpace()
    const first = this.#text[this.#at]
    if (first === '[') return this.#array()
    if (first === '{') return this.#map()
    return first === '"' ? this.#quoted() : this.#plain()
  }

  #array(): SchemaAndValue | null {
    const elements: SchemaAndValue[] = []
    this.#at++
    if (!this.#isAt(']')) {
      do {
        const element = this.parse()
        if (element === null) return null
        elements.push(element)
      } while (this.#take(','))
      if (!this.#isAt(']')) return null
    }
    this.#at++
    const valueSchema = commonSchema(elements)
    return {
      schema: { type: 'array', optional: false, ...(valueSchema && { valueSchema }) },
      value: elements.map((element) => widen(element, valueSchema)),
    }
  }

  #map(): SchemaAndValue | null {
    const keys: SchemaAndValue[] = []
    const values: SchemaAndValue[] = []
    this.#at++
    if (!this.#isAt('}')) {
      do {
        const key = this.parse()
        if (key === null || !this.#take(':')) return null
        const value = this.parse()
        if (value === null) return null
        keys.push(key)
        values.push(value)
      } while (this.#take(','))
      if (!this.#isAt('}')) return null
    }
    this.#at++
    const keySchema = commonSchema(keys)
    const valueSchema = commonSchema(values)
    return {
      schema: {
        type: 'map',
        optional: false,
        ...(keySchema && { keySchema }),
        ...(valueSchema && { valueSchema }),
      },
      value: new Map(keys.map((key, i) => [widen(key, keySchema), widen(values[i]!, valueSchema)])),
    }
  }

  #quoted(): SchemaAndValue | null {
    const match = /^"((?:[^"\\]|\\.)*)"/s.exec(this.#text.slice(this.#at))
    if (match === null) return null
    this.#at += match[0].length
    const text = match[1]!.replaceAll(/\\(.)/gs, '$1')
    return parseMoment(text) ?? { schema: TEXT, value: text }
  }

  /** Words without quotes are not strings here. Times have colons, so a comma or bracket must end them. */
  #plain(): SchemaAndValue | null {
    const text = /^[^,\]}[{"]*/.exec(this.#text.slice(this.#at))![0]
    const parsed = parsePlain(text.trim())
    if (parsed === null || parsed.schema === null) {
      const key = /^[^,:\]}[{"]*/.exec(text)![0]
      const plainKey = key === text ? null : parsePlain(key.trim())
      if (plainKey === null || plainKey.schema === null) return null
      this.#at += key.length
      return plainKey
    }
    this.#at += text.length
    return parsed
  }

  #take(character: string): boolean {
    if (!this.#isAt(character)) return false
    this.#at++
    return true
  }

  #isAt(character: string): boolean {
    this.#skipSpace()
    return this.#text[this.#at] === character
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }
}

const WIDTH = ['int8', 'int16', 'int32', 'int64', 'float', 'double']

/** The schema that holds all elements; undefined where there is none or they are of unlike types. */
function commonSchema(elements: readonly SchemaAndValue[]): Schema | undefined {
  let common = elements[0]?.schema ?? undefined
  for (const { schema } of elements) {
    if (schema === null || common === undefined) return undefined
    const isNumeric = common.name === undefined && schema.name === undefined
    const [a, b] = [WIDTH.indexOf(common.type), WIDTH.indexOf(schema.type)]
    if (isNumeric && a >= 0 && b >= 0) common = b > a ? schema : common
    else if (common.type !== schema.type || common.name !== schema.name) return undefined
  }
  return common
}

function widen({ schema, value }: SchemaAndValue, common: Schema | undefined): ConnectValue {
  if (schema === null || schema.type === common?.type) return value
  // Without a schema for all, whole numbers are bigints, so that they stay whole numbers.
  if (common === undefined) {
    if (schema.type === 'float') return shortestDouble(value as number)
    return schema.type.startsWith('int') ? BigInt(value as number | bigint) : value
  }
  if (common.type === 'int64' && typeof value === 'number') return BigInt(value)
  return typeof value === 'bigint' ? Number(value) : value
}

/** The double that is written as the float is: 123.45, not 123.44999694824219. */
function shortestDouble(float: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const double = Number(float.toPrecision(digits))
    if (Math.fround(double) === float) return double
  }
  return float
}
