import type { ByteWriter } from '../../api/byte-writer.ts'
import { writeInteger } from '../../api/json/json-number.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import { primitiveSchema } from '../../api/schema.ts'
import {
  dateEnd,
  dateText,
  fractionText,
  infinitySign,
  readDays,
  readMicros,
  readTimeSeconds,
  SECONDS_PER_DAY,
  timeText,
} from './calendar.ts'
import { structuredCodec } from './structured-temporals.ts'
import { writeScaled, type TimeUnit } from './time-unit.ts'
import type { ValueCodec } from './value-codec.ts'
import type { ValueModes } from './value-modes.ts'

type TimePrecisionMode = ValueModes['timePrecisionMode']

/** What the reference's stream gives for `infinity` and `-infinity` in a date. */
const INFINITE_DAYS = { 1: 2_146_033_979, [-1]: -2_147_472_691 } as const
/** Seconds since 1970 of infinite timestamps, as its driver has them. */
const INFINITE_SECONDS = { 1: 9_223_372_036_825_200, [-1]: -9_223_372_036_832_400 } as const

/** Infinity in a unit that the driver's seconds overflow. */
const FARTHEST = { 1: 2n ** 63n - 1n, [-1]: -(2n ** 63n) } as const

const MS_PER_DAY = 86_400_000

function days(bytes: Buffer, start: number, end: number): number {
  const sign = infinitySign(bytes, start)
  return sign === 0 ? readDays(bytes, start, dateEnd(bytes, start, end), end) : INFINITE_DAYS[sign]
}

export function dateCodec(mode: TimePrecisionMode): ValueCodec {
  const writeDays = (bytes: Buffer, start: number, end: number, out: ByteWriter): boolean => {
    writeInteger(days(bytes, start, end), out)
    return true
  }
  switch (mode) {
    case 'connect':
      return {
        schema: primitiveSchema('int32', { name: LOGICAL.date, version: 1 }),
        // Days that no Date holds are written as they are.
        decode: (bytes, start, end) => {
          const count = days(bytes, start, end)
          return dateOf(count * MS_PER_DAY) ?? count
        },
        zero: new Date(0),
        placeholder: null,
      }
    case 'isostring':
      return {
        schema: primitiveSchema('string', { name: 'io.debezium.time.IsoDate', version: 1 }),
        decode: (bytes, start, end) => `${dateText(days(bytes, start, end))}Z`,
        zero: '1970-01-01Z',
        placeholder: null,
      }
    case 'structured':
      return structuredCodec('date', 0)
    case 'adaptive':
    case 'adaptive_time_microseconds':
    case 'microseconds':
    case 'nanoseconds':
      return {
        schema: primitiveSchema('int32', { name: 'io.debezium.time.Date', version: 1 }),
        decode: days,
        writeJson: writeDays,
        zero: 0,
        placeholder: null,
      }
  }
}

/** `time` without a zone. @param precision fraction digits, 6 where the column says nothing */
export function timeCodec(mode: TimePrecisionMode, precision: number): ValueCodec {
  const micros = (bytes: Buffer, start: number, end: number): number =>
    readTimeSeconds(bytes, start) * 1_000_000 + readMicros(bytes, start + 8, end)
  const millis = (bytes: Buffer, start: number, end: number): number =>
    Math.floor(micros(bytes, start, end) / 1000)
  if (mode === 'structured') return structuredCodec('time', precision)
  if (mode === 'isostring') {
    return {
      schema: primitiveSchema('string', { name: 'io.debezium.time.IsoTime', version: 1 }),
      decode: (bytes, start, end) =>
        `${timeText(readTimeSeconds(bytes, start))}${fractionText(readMicros(bytes, start + 8, end), null)}Z`,
      zero: '00:00:00Z',
      placeholder: null,
    }
  }
  if (mode === 'connect' || (mode === 'adaptive' && precision <= 3)) {
    const isConnect = mode === 'connect'
    return {
      schema: primitiveSchema('int32', {
        name: isConnect ? LOGICAL.time : 'io.debezium.time.Time',
        version: 1,
      }),
      decode: (bytes, start, end) =>
        isConnect ? new Date(millis(bytes, start, end)) : millis(bytes, start, end),
      writeJson: (bytes, start, end, out) => {
        writeInteger(millis(bytes, start, end), out)
        return true
      },
      zero: isConnect ? new Date(0) : 0,
      placeholder: null,
    }
  }
  const factor = mode === 'nanoseconds' ? 1000 : 1
  return {
    schema: primitiveSchema('int64', {
      name: factor === 1 ? 'io.debezium.time.MicroTime' : 'io.debezium.time.NanoTime',
      version: 1,
    }),
    decode: (bytes, start, end) => BigInt(micros(bytes, start, end) * factor),
    writeJson: (bytes, start, end, out) => {
      writeInteger(micros(bytes, start, end) * factor, out)
      return true
    },
    zero: 0n,
    placeholder: null,
  }
}

/** Seconds since 1970 of a timestamp, read as if it were UTC; its microseconds are `timestampMicros`. */
function timestampSeconds(bytes: Buffer, start: number, end: number): number {
  const sign = infinitySign(bytes, start)
  if (sign !== 0) return INFINITE_SECONDS[sign]
  const space = dateEnd(bytes, start, end)
  return readDays(bytes, start, space, end) * SECONDS_PER_DAY + readTimeSeconds(bytes, space + 1)
}

function timestampMicros(bytes: Buffer, start: number, end: number): number {
  return infinitySign(bytes, start) === 0 ? readMicros(bytes, dateEnd(bytes, start, end) + 9, end) : 0
}

/** `timestamp` without a zone. @param precision fraction digits, 6 where the column says nothing */
export function timestampCodec(mode: TimePrecisionMode, precision: number): ValueCodec {
  switch (mode) {
    case 'structured':
      return structuredCodec('timestamp', precision)
    case 'isostring':
      return {
        schema: primitiveSchema('string', { name: 'io.debezium.time.IsoTimestamp', version: 1 }),
        decode: (bytes, start, end) => {
          const seconds = timestampSeconds(bytes, start, end)
          const day = Math.floor(seconds / SECONDS_PER_DAY)
          const time = timeText(seconds - day * SECONDS_PER_DAY)
          return `${dateText(day)}T${time}${fractionText(timestampMicros(bytes, start, end), null)}Z`
        },
        zero: '1970-01-01T00:00:00Z',
        placeholder: null,
      }
    case 'connect':
      return {
        schema: primitiveSchema('int64', { name: LOGICAL.timestamp, version: 1 }),
        decode: (bytes, start, end) => {
          const sign = infinitySign(bytes, start)
          // No Date holds it; converters write the milliseconds as they are.
          if (sign !== 0) return BigInt(INFINITE_SECONDS[sign]) * 1000n
          const seconds = timestampSeconds(bytes, start, end)
          return dateOf(seconds * 1000 + Math.floor(timestampMicros(bytes, start, end) / 1000))
        },
        zero: new Date(0),
        placeholder: null,
      }
    case 'adaptive':
    case 'adaptive_time_microseconds':
      return precision <= 3
        ? epochCodec('io.debezium.time.Timestamp', 'ms')
        : epochCodec('io.debezium.time.MicroTimestamp', 'us')
    case 'microseconds':
      return epochCodec('io.debezium.time.MicroTimestamp', 'us')
    case 'nanoseconds':
      return nanosecondCodec
  }
}

/** Null for a moment that a JavaScript Date cannot hold. */
function dateOf(ms: number): Date | null {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms) : null
}

function epochCodec(name: string, unit: 'ms' | 'us'): ValueCodec {
  return {
    schema: primitiveSchema('int64', { name, version: 1 }),
    decode: (bytes, start, end) => {
      const seconds = BigInt(timestampSeconds(bytes, start, end))
      const micros = timestampMicros(bytes, start, end)
      if (unit === 'ms') return seconds * 1000n + BigInt(Math.floor(micros / 1000))
      const sign = infinitySign(bytes, start)
      return sign === 0 ? seconds * 1_000_000n + BigInt(micros) : FARTHEST[sign]
    },
    writeJson: timestampWriter(unit),
    zero: 0n,
    placeholder: null,
  }
}

/** Nanoseconds end in the year 2262; what lies beyond has no value, but infinity is the end itself. */
const nanosecondCodec: ValueCodec = {
  schema: primitiveSchema('int64', { name: 'io.debezium.time.NanoTimestamp', version: 1 }),
  decode: (bytes, start, end) => {
    const sign = infinitySign(bytes, start)
    if (sign !== 0) return FARTHEST[sign]
    const micros =
      BigInt(timestampSeconds(bytes, start, end)) * 1_000_000n + BigInt(timestampMicros(bytes, start, end))
    const nanos = micros * 1000n
    return BigInt.asIntN(64, nanos) === nanos ? nanos : null
  },
  zero: 0n,
  placeholder: null,
}

function timestampWriter(unit: TimeUnit): NonNullable<ValueCodec['writeJson']> {
  return (bytes, start, end, out) => {
    const sign = infinitySign(bytes, start)
    if (sign !== 0 && unit === 'us') {
      out.utf8(FARTHEST[sign].toString())
      return true
    }
    writeScaled(timestampSeconds(bytes, start, end), timestampMicros(bytes, start, end), unit, out)
    return true
  }
}
