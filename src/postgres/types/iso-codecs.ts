import { primitiveSchema } from '../../api/schema.ts'
import { dateEnd, dateText, infinitySign, readDays } from './calendar.ts'
import type { ValueCodec } from './value-codec.ts'

const SPACE = 0x20

/** `value.time.form=iso`: ISO 8601 without a zone where the column has none, infinity as PostgreSQL spells it. */
export const isoCodecs: ReadonlyMap<string, ValueCodec> = new Map([
  ['date', codec('Date', isoMoment, '1970-01-01')],
  ['time', codec('Time', (bytes, start, end) => bytes.toString('latin1', start, end), '00:00:00')],
  ['timestamp', codec('Timestamp', isoMoment, '1970-01-01T00:00:00')],
])

function codec(
  name: string,
  text: (bytes: Buffer, start: number, end: number) => string,
  zero: string,
): ValueCodec {
  return {
    schema: primitiveSchema('string', { name: `io.tailrace.time.${name}`, version: 1 }),
    decode: text,
    zero,
    placeholder: null,
  }
}

/** A date, with a time behind a `T` where there is one. */
function isoMoment(bytes: Buffer, start: number, end: number): string {
  if (infinitySign(bytes, start) !== 0) return bytes.toString('latin1', start, end)
  const dayEnd = dateEnd(bytes, start, end)
  const isUsual = dayEnd === start + 10 && bytes[end - 1] !== 0x43
  const day = isUsual
    ? bytes.toString('latin1', start, dayEnd)
    : dateText(readDays(bytes, start, dayEnd, end))
  if (dayEnd === end || bytes[dayEnd + 1] === 0x42) return day
  const timeEnd = bytes.indexOf(SPACE, dayEnd + 1)
  return `${day}T${bytes.toString('latin1', dayEnd + 1, timeEnd < 0 || timeEnd > end ? end : timeEnd)}`
}
