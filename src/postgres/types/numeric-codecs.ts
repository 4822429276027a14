import type { ByteWriter } from '../../api/byte-writer.ts'
import { Decimal } from '../../api/decimal.ts'
import {
  decimalText,
  MOST_SMALL_UNSCALED,
  unscaledBytes,
  withScale,
  writeSmallUnscaled,
  writeUnscaled,
} from '../../api/json/json-decimal.ts'
import { writeInteger } from '../../api/json/json-number.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import { primitiveSchema, structSchema, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { JsonValueWriter, ValueCodec } from './value-codec.ts'
import type { ValueModes } from './value-modes.ts'

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const UNSCALED_PREFIX = Buffer.from(',"value":')
const SCALE_PREFIX = Buffer.from('{"scale":')

const VARIABLE_SCALE_SCHEMA = structSchema(
  [
    { name: 'scale', schema: primitiveSchema('int32') },
    { name: 'value', schema: primitiveSchema('bytes') },
  ],
  { name: 'io.debezium.data.VariableScaleDecimal', version: 1, doc: 'Variable scaled decimal' },
)

/** @param typeModifier `atttypmod`: precision and scale, or -1 for a numeric of any scale */
export function numericCodec(typeModifier: number, modes: ValueModes): ValueCodec {
  const scale = typeModifier < 0 ? 0 : numericScale(typeModifier)
  if (modes.decimalHandlingMode === 'string') return numericTextCodec(scale)
  if (modes.decimalHandlingMode === 'double') return numericDoubleCodec
  if (typeModifier < 0) return variableScaleCodec
  const precision = ((typeModifier - 4) >> 16) & 0xffff
  return fixedScaleCodec(scale, { scale: String(scale), 'connect.decimal.precision': String(precision) })
}

/** Eleven bits with a sign, since PostgreSQL 15 allows negative scales. */
export function numericScale(typeModifier: number): number {
  return (((typeModifier - 4) & 0x7ff) ^ 0x400) - 0x400
}

/** A decimal whose scale the schema knows: base64 of the unscaled integer, or with `decimal.format=NUMERIC` a number. */
export function fixedScaleCodec(scale: number, parameters: Readonly<Record<string, string>>): ValueCodec {
  const schema: Schema = primitiveSchema('bytes', { name: LOGICAL.decimal, version: 1, parameters })
  const decode = (bytes: Buffer, start: number, end: number): Decimal | null => {
    const text = bytes.toString('latin1', start, end)
    return isSpecial(bytes, start, end) ? null : withScale(Decimal.parse(text), scale)
  }
  return {
    schema,
    decode,
    writeJson: (bytes, start, end, out) => {
      if (writeSmall(bytes, start, end, scale, out)) return true
      const value = decode(bytes, start, end)
      if (value === null) return false
      writeUnscaled(value.unscaled, out)
      return true
    },
    writeNumericJson: (bytes, start, end, out) => {
      const value = decode(bytes, start, end)
      if (value === null) return false
      out.utf8(decimalText(value))
      return true
    },
    zero: new Decimal(0n, scale),
    placeholder: null,
  }
}

/** `numeric` without a scale: each value brings its own, trailing zeros removed. */
const variableScaleCodec: ValueCodec = {
  schema: VARIABLE_SCALE_SCHEMA,
  decode: (bytes, start, end) => {
    if (isSpecial(bytes, start, end)) return null
    const { unscaled, scale } = Decimal.parse(bytes.toString('latin1', start, strippedEnd(bytes, start, end)))
    return new ValueStruct(VARIABLE_SCALE_SCHEMA, [scale, unscaledBytes(unscaled)])
  },
  writeJson: (bytes, start, end, out) => {
    if (isSpecial(bytes, start, end)) return false
    const stripped = strippedEnd(bytes, start, end)
    const point = bytes.indexOf(POINT, start)
    const scale = point < 0 || point >= stripped ? 0 : stripped - point - 1
    out.copy(SCALE_PREFIX, 0, SCALE_PREFIX.length)
    writeInteger(scale, out)
    out.copy(UNSCALED_PREFIX, 0, UNSCALED_PREFIX.length)
    if (!writeSmall(bytes, start, stripped, scale, out)) {
      writeUnscaled(Decimal.parse(bytes.toString('latin1', start, stripped)).unscaled, out)
    }
    out.utf8('}')
    return true
  },
  zero: new ValueStruct(VARIABLE_SCALE_SCHEMA, [0, unscaledBytes(0n)]),
  placeholder: null,
}

const copyQuoted: JsonValueWriter = Object.assign(
  (bytes: Buffer, start: number, end: number, out: ByteWriter) => {
    writeQuoted(bytes, start, end, out)
    return true
  },
  { plain: 'quoted' } as const,
)

/** PostgreSQL's own text, special values included. */
function numericTextCodec(scale: number): ValueCodec {
  return {
    schema: primitiveSchema('string'),
    decode: (bytes, start, end) => bytes.toString('latin1', start, end),
    writeJson: copyQuoted,
    zero: new Decimal(0n, scale).toString(),
    placeholder: null,
  }
}

const numericDoubleCodec: ValueCodec = {
  schema: primitiveSchema('double'),
  decode: (bytes, start, end) => Number(bytes.toString('latin1', start, end)),
  zero: 0,
  placeholder: null,
}

/**
 * `money` as the locale prints it (`-$1,234.56`): symbols and separators are passed over. Only what is precise has a
 * scale to be rounded to.
 */
export function moneyCodec(modes: ValueModes): ValueCodec {
  const digits = modes.moneyFractionDigits
  const parse = (bytes: Buffer, start: number, end: number): Decimal => {
    const text = bytes.toString('utf8', start, end)
    const plain = text.replaceAll(/[^0-9.]/g, '')
    const isNegative = /^[(-]/.test(text) || text.includes('-')
    return Decimal.parse((isNegative ? '-' : '') + plain)
  }
  switch (modes.decimalHandlingMode) {
    case 'precise':
      return {
        schema: primitiveSchema('bytes', {
          name: LOGICAL.decimal,
          version: 1,
          parameters: { scale: String(digits) },
        }),
        decode: (bytes, start, end) => roundHalfUp(parse(bytes, start, end), digits),
        zero: new Decimal(0n, digits),
        placeholder: null,
      }
    case 'double':
      return {
        schema: primitiveSchema('double'),
        decode: (bytes, start, end) => Number(parse(bytes, start, end).toString()),
        zero: 0,
        placeholder: null,
      }
    case 'string':
      return {
        schema: primitiveSchema('string'),
        decode: (bytes, start, end) => parse(bytes, start, end).toString(),
        zero: new Decimal(0n, digits).toString(),
        placeholder: null,
      }
  }
}

function roundHalfUp(value: Decimal, scale: number): Decimal {
  const exact = withScale(value, scale)
  if (exact !== null) return exact
  const divisor = 10n ** BigInt(value.scale - scale)
  const half = value.unscaled < 0n ? -divisor / 2n : divisor / 2n
  return new Decimal((value.unscaled + half) / divisor, scale)
}

/** NaN and the infinities: the first byte, after a sign, is a letter. */
function isSpecial(bytes: Buffer, start: number, end: number): boolean {
  const first = start < end && bytes[start] === MINUS ? start + 1 : start
  return bytes[first]! > 0x39
}

/** Where the number ends without zeros at the end of its fraction, and without the point where nothing follows it. */
function strippedEnd(bytes: Buffer, start: number, end: number): number {
  const point = bytes.indexOf(POINT, start)
  if (point < 0 || point >= end) return end
  let stripped = end
  while (bytes[stripped - 1] === ZERO) stripped--
  return stripped - 1 === point ? point : stripped
}

/**
 * The usual case of at most 14 digits, by digit arithmetic. False, with nothing written, for longer numbers, special
 * values, and fractions of another length than `scale`.
 */
function writeSmall(bytes: Buffer, start: number, end: number, scale: number, out: ByteWriter): boolean {
  const isNegative = bytes[start] === MINUS
  let unscaled = 0
  let point = -1
  for (let i = isNegative ? start + 1 : start; i < end; i++) {
    const byte = bytes[i]!
    if (byte === POINT) {
      point = i
      continue
    }
    const digit = byte - ZERO
    if (digit < 0 || digit > 9) return false
    unscaled = unscaled * 10 + digit
    if (unscaled >= MOST_SMALL_UNSCALED) return false
  }
  if ((point < 0 ? 0 : end - point - 1) !== scale) return false
  writeSmallUnscaled(isNegative ? -unscaled : unscaled, out)
  return true
}

function writeQuoted(bytes: Buffer, start: number, end: number, out: ByteWriter): void {
  out.ensure(1)
  out.bytes[out.position++] = 0x22
  out.copy(bytes, start, end)
  out.ensure(1)
  out.bytes[out.position++] = 0x22
}
