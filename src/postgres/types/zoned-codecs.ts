import type { ByteWriter } from '../../api/byte-writer.ts'
import { primitiveSchema } from '../../api/schema.ts'
import {
  dateEnd,
  dateText,
  fractionEnd,
  fractionText,
  infinitySign,
  readDays,
  readMicros,
  readOffsetSeconds,
  readTimeSeconds,
  SECONDS_PER_DAY,
  timeText,
} from './calendar.ts'
import type { ValueCodec } from './value-codec.ts'

const QUOTE = 0x22
const PLUS = 0x2b
const POINT = 0x2e
const ZERO = 0x30
const SPACE = 0x20
const LETTER_T = 0x54
const LETTER_Z = 0x5a

/** `timestamptz`: ISO 8601 in UTC. @param precision fraction digits, 6 where the column says nothing */
export function zonedTimestampCodec(precision: number): ValueCodec {
  const width = precision > 0 ? precision : null
  const decode = (bytes: Buffer, start: number, end: number): string => {
    const sign = infinitySign(bytes, start)
    if (sign !== 0) return sign > 0 ? 'infinity' : '-infinity'
    const space = dateEnd(bytes, start, end)
    const offsetAt = fractionEnd(bytes, space + 9, end)
    const seconds =
      readDays(bytes, start, space, end) * SECONDS_PER_DAY +
      readTimeSeconds(bytes, space + 1) -
      readOffsetSeconds(bytes, offsetAt, end)
    const day = Math.floor(seconds / SECONDS_PER_DAY)
    const fraction = fractionText(readMicros(bytes, space + 9, end), width)
    return `${dateText(day)}T${timeText(seconds - day * SECONDS_PER_DAY)}${fraction}Z`
  }
  return {
    schema: primitiveSchema('string', { name: 'io.debezium.time.ZonedTimestamp', version: 1 }),
    decode,
    writeJson: (bytes, start, end, out) => {
      if (!isUsualUtc(bytes, start, end)) out.utf8(`"${decode(bytes, start, end)}"`)
      else writeUsualUtc(bytes, start, end, width ?? 0, out)
      return true
    },
    zero: '1970-01-01T00:00:00Z',
    placeholder: null,
  }
}

/** Whether it is `YYYY-MM-DD HH:MM:SS…+00`, as sessions in UTC print all years from 1 to 9999. */
function isUsualUtc(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start >= 22 &&
    bytes[start + 10] === SPACE &&
    bytes[end - 3] === PLUS &&
    bytes[end - 2] === ZERO &&
    bytes[end - 1] === ZERO
  )
}

function writeUsualUtc(bytes: Buffer, start: number, end: number, width: number, out: ByteWriter): void {
  out.ensure(32)
  const target = out.bytes
  let position = out.position
  target[position++] = QUOTE
  for (let i = start; i < start + 19; i++) target[position++] = bytes[i]!
  target[position - 9] = LETTER_T
  if (width > 0) {
    const fractionStop = end - 3
    target[position++] = POINT
    for (let digit = 0, i = start + 20; digit < width; digit++, i++) {
      target[position++] = i < fractionStop ? bytes[i]! : ZERO
    }
  }
  target[position++] = LETTER_Z
  target[position++] = QUOTE
  out.position = position
}

/** `timetz`: the time of day in UTC, fraction digits as needed. */
export const zonedTimeCodec: ValueCodec = {
  schema: primitiveSchema('string', { name: 'io.debezium.time.ZonedTime', version: 1 }),
  decode: (bytes, start, end) => {
    const offsetAt = fractionEnd(bytes, start + 8, end)
    const local = readTimeSeconds(bytes, start)
    const offset = readOffsetSeconds(bytes, offsetAt, end)
    const seconds =
      offset === 0 ? local : (((local - offset) % SECONDS_PER_DAY) + SECONDS_PER_DAY) % SECONDS_PER_DAY
    return `${timeText(seconds)}${fractionText(readMicros(bytes, start + 8, end), null)}Z`
  },
  zero: '00:00:00Z',
  placeholder: null,
}
