import { primitiveSchema, structSchema, type Field, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import {
  civilFromDays,
  dateEnd,
  fractionEnd,
  infinitySign,
  readDays,
  readMicros,
  readOffsetSeconds,
  readTimeSeconds,
  SECONDS_PER_DAY,
} from './calendar.ts'
import { parseInterval } from './interval-codec.ts'
import type { ValueCodec } from './value-codec.ts'

/**
 * `time.precision.mode=structured`: every part of a date or time is a field of its own, so that no unit cuts digits off
 * and infinity is not a number. 24:00:00 keeps its hour 24.
 */
export type StructuredType = 'date' | 'time' | 'timetz' | 'timestamp' | 'timestamptz' | 'interval'

function fields(type: 'int8' | 'int32', names: string): Field[] {
  return names.split(' ').map((name) => ({ name, schema: primitiveSchema(type, { optional: true }) }))
}

const DAY = [...fields('int32', 'year'), ...fields('int8', 'month day')]
const CLOCK = [...fields('int8', 'hour minute second'), ...fields('int32', 'nanos')]
const SPECIAL: Field = { name: 'specialValue', schema: primitiveSchema('string', { optional: true }) }
const PRECISION = fields('int32', 'precision')

function named(name: string, all: readonly Field[]): Schema {
  return structSchema(all, { name: `io.debezium.time.${name}`, version: 1 })
}

const SCHEMAS: Readonly<Record<StructuredType, Schema>> = {
  date: named('StructuredDate', [...DAY, SPECIAL]),
  time: named('StructuredTime', [...CLOCK, ...PRECISION]),
  timetz: named('StructuredZonedTime', [...CLOCK, ...fields('int32', 'offsetSeconds'), ...PRECISION]),
  timestamp: named('StructuredTimestamp', [...DAY, ...CLOCK, SPECIAL, ...PRECISION]),
  timestamptz: named('StructuredZonedTimestamp', [
    ...DAY,
    ...CLOCK,
    ...fields('int32', 'offsetSeconds'),
    { name: 'zoneId', schema: primitiveSchema('string', { optional: true }) },
    SPECIAL,
    ...PRECISION,
  ]),
  interval: named('StructuredDuration', [
    ...fields('int32', 'years months days hours minutes'),
    { name: 'seconds', schema: primitiveSchema('int64', { optional: true }) },
    ...fields('int32', 'nanos precision'),
  ]),
}

const ZERO_TEXTS: Readonly<Record<StructuredType, string>> = {
  date: '1970-01-01',
  time: '00:00:00',
  timetz: '00:00:00+00',
  timestamp: '1970-01-01 00:00:00',
  timestamptz: '1970-01-01 00:00:00+00',
  interval: '00:00:00',
}

/** @param precision fraction digits, 6 where the column says nothing */
export function structuredCodec(type: StructuredType, precision: number): ValueCodec {
  const schema = SCHEMAS[type]
  const decode = (bytes: Buffer, start: number, end: number): ConnectValue =>
    new ValueStruct(schema, parts(type, bytes, { start, end, precision }))
  const zero = Buffer.from(ZERO_TEXTS[type])
  return { schema, decode, zero: decode(zero, 0, zero.length), placeholder: null }
}

interface Place {
  readonly start: number
  readonly end: number
  readonly precision: number
}

function parts(type: StructuredType, bytes: Buffer, { start, end, precision }: Place): ConnectValue[] {
  if (type === 'interval') return [...duration(bytes.toString('latin1', start, end)), precision]
  if (type === 'time') return [...clock(readTimeSeconds(bytes, start), bytes, start + 8, end), precision]
  if (type === 'timetz') {
    const offset = readOffsetSeconds(bytes, fractionEnd(bytes, start + 8, end), end)
    return [...clock(readTimeSeconds(bytes, start), bytes, start + 8, end), offset, precision]
  }
  const sign = infinitySign(bytes, start)
  if (sign !== 0) return infinite(SCHEMAS[type], sign, precision)
  const dayEnd = dateEnd(bytes, start, end)
  let days = readDays(bytes, start, dayEnd, end)
  if (type === 'date') return [...civilFromDays(days), null]
  let seconds = readTimeSeconds(bytes, dayEnd + 1)
  if (type === 'timestamptz') {
    seconds -= readOffsetSeconds(bytes, fractionEnd(bytes, dayEnd + 9, end), end)
    days += Math.floor(seconds / SECONDS_PER_DAY)
    seconds -= Math.floor(seconds / SECONDS_PER_DAY) * SECONDS_PER_DAY
  }
  const moment = [...civilFromDays(days), ...clock(seconds, bytes, dayEnd + 9, end)]
  return type === 'timestamp' ? [...moment, null, precision] : [...moment, 0, 'Z', null, precision]
}

function clock(seconds: number, bytes: Buffer, fractionAt: number, end: number): number[] {
  const nanos = readMicros(bytes, fractionAt, end) * 1000
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, nanos]
}

function infinite(schema: Schema, sign: 1 | -1, precision: number): ConnectValue[] {
  return schema.fields!.map(({ name }) => {
    if (name === 'precision') return precision
    return name === 'specialValue' ? (sign > 0 ? 'POSITIVE_INFINITY' : 'NEGATIVE_INFINITY') : null
  })
}

function duration(text: string): ConnectValue[] {
  const { years, months, days, hours, minutes, seconds } = parseInterval(text)
  const whole = Math.trunc(seconds)
  const nanos = Math.round((seconds - whole) * 1e6) * 1000
  return [years, months, days, hours + 0, minutes + 0, BigInt(whole), nanos + 0]
}
