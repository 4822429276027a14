import { primitiveSchema } from '../../api/schema.ts'
import type { ValueCodec } from './value-codec.ts'
import type { ValueModes } from './value-modes.ts'

const DAYS_PER_MONTH = 365.25 / 12

/** `interval`: microseconds with months of 30.4375 days, or ISO 8601. */
export function intervalCodec(mode: ValueModes['intervalHandlingMode']): ValueCodec {
  if (mode === 'string') {
    return {
      schema: primitiveSchema('string', { name: 'io.debezium.time.Interval', version: 1 }),
      decode: (bytes, start, end) => isoText(parseInterval(bytes.toString('latin1', start, end))),
      zero: 'P0Y0M0DT0H0M0S',
      placeholder: null,
    }
  }
  return {
    schema: primitiveSchema('int64', { name: 'io.debezium.time.MicroDuration', version: 1 }),
    decode: (bytes, start, end) => micros(parseInterval(bytes.toString('latin1', start, end))),
    zero: 0n,
    placeholder: null,
  }
}

interface Interval {
  readonly years: number
  readonly months: number
  readonly days: number
  readonly hours: number
  readonly minutes: number
  /** With fraction, sign as the time's. */
  readonly seconds: number
}

/** Parses PostgreSQL's own style: `1 year 2 mons -3 days +04:05:06.789`. */
export function parseInterval(text: string): Interval {
  const count = (unit: string): number => {
    const match = new RegExp(`([+-]?\\d+) ${unit}`).exec(text)
    return match === null ? 0 : Number(match[1])
  }
  const time = /([+-]?)(\d+):(\d+):(\d+(?:\.\d+)?)/.exec(text)
  const sign = time?.[1] === '-' ? -1 : 1
  const part = (index: number): number => (time === null ? 0 : sign * Number(time[index]))
  return {
    years: count('year'),
    months: count('mon'),
    days: count('day'),
    hours: part(2),
    minutes: part(3),
    seconds: part(4),
  }
}

/** In doubles and in this order, because the reference's rounding is seen in the last digits. */
function micros({ years, months, days, hours, minutes, seconds }: Interval): bigint {
  const allDays = (years * 12 + months) * DAYS_PER_MONTH + days
  const allSeconds = ((allDays * 24 + hours) * 60 + minutes) * 60 + seconds
  return saturated(BigInt(Math.trunc(allSeconds * 1e6)))
}

/** 178,000,000 years are more microseconds than 64 bits hold. */
function saturated(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value
  return value > 0n ? 2n ** 63n - 1n : -(2n ** 63n)
}

function isoText({ years, months, days, hours, minutes, seconds }: Interval): string {
  // Number's own text has an exponent below 1e-6 only, and microseconds are the least there is.
  return `P${years}Y${months}M${days}DT${zero(hours)}H${zero(minutes)}M${secondsText(seconds)}S`
}

function secondsText(seconds: number): string {
  return seconds === 0 ? '0' : seconds.toFixed(6).replace(/\.?0+$/, '')
}

/** -0 reads as 0. */
function zero(value: number): number {
  return value === 0 ? 0 : value
}
