import type { ByteWriter } from '../../../api/byte-writer.ts'
import { Decimal } from '../../../api/decimal.ts'
import { DataError } from '../../../api/errors.ts'
import { unscaledBytes, unscaledFromBytes } from '../../../api/json/json-decimal.ts'
import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { dateOf, mismatch } from '../connect-values.ts'
import { calendarDate, daysOfDate } from './calendar-date.ts'
import { DATE_MESSAGE, DECIMAL_MESSAGE, TIME_MESSAGE, TIMESTAMP_MESSAGE } from './proto-names.ts'
import { writeVarint, writeVarint64 } from '../varint.ts'
import { WIRE, writeBytes } from './wire-write.ts'
import type { WireCursor } from './wire-cursor.ts'

const MS_PER_DAY = 86_400_000
const NANOS_PER_MS = 1_000_000
/** The years 1 to 9999. */
const FIRST_TIMESTAMP_MS = -62_135_596_800_000
const LAST_TIMESTAMP_MS = 253_402_300_799_999

/** A message that stands for one of Connect's logical types. */
export interface LogicalMessage {
  readonly fullName: string
  readonly write: (schema: Schema, value: ConnectValue, out: ByteWriter) => void
  /** Reads up to the end that the cursor has. */
  readonly read: (cursor: WireCursor) => ConnectValue
}

/** By the names of Connect's schemas. */
export const LOGICAL_MESSAGES: ReadonlyMap<string, LogicalMessage> = new Map([
  [LOGICAL.decimal, { fullName: DECIMAL_MESSAGE, write: writeDecimal, read: readDecimal }],
  [LOGICAL.date, { fullName: DATE_MESSAGE, write: writeDate, read: readDate }],
  [LOGICAL.time, { fullName: TIME_MESSAGE, write: writeTime, read: readTime }],
  [LOGICAL.timestamp, { fullName: TIMESTAMP_MESSAGE, write: writeTimestamp, read: readTimestamp }],
])

function writeDecimal(schema: Schema, value: ConnectValue, out: ByteWriter): void {
  if (!(value instanceof Decimal)) throw mismatch(schema, value)
  const { unscaled, scale } = value
  out.ensure(1)
  out.bytes[out.position++] = tag(1, WIRE.delimited)
  writeBytes(unscaledBytes(unscaled), out)
  const precision = (unscaled < 0n ? -unscaled : unscaled).toString().length
  writeIntegers([null, precision, scale], out)
}

function readDecimal(cursor: WireCursor): ConnectValue {
  let unscaled = 0n
  let scale = 0
  for (let next = cursor.tag(); next !== 0; next = cursor.tag()) {
    if (next === tag(1, WIRE.delimited)) unscaled = unscaledFromBytes(cursor.bytes())
    else if (next === tag(3, WIRE.varint)) scale = cursor.int32()
    else cursor.skip(next)
  }
  return new Decimal(unscaled, scale)
}

function writeDate(schema: Schema, value: ConnectValue, out: ByteWriter): void {
  const ms = dateOf(schema, value)
  if (ms % MS_PER_DAY !== 0) {
    throw invalid('Kafka Connect Date type should not have any time fields set to non-zero values.')
  }
  const { year, month, day } = calendarDate(ms / MS_PER_DAY)
  if (year < 1) throw invalid(`${DATE_MESSAGE} has no years before 1`)
  writeIntegers([year, month, day], out)
}

function readDate(cursor: WireCursor): ConnectValue {
  const [year, month, day] = readIntegers(cursor, 3)
  const days = daysOfDate({ year: year!, month: month!, day: day! })
  if (days === null) throw invalid(`${year}-${month}-${day} is no date`)
  return new Date(days * MS_PER_DAY)
}

function writeTime(schema: Schema, value: ConnectValue, out: ByteWriter): void {
  const ms = dateOf(schema, value)
  if (ms < 0 || ms >= MS_PER_DAY) {
    throw invalid('Time values must use number of millis greater than 0 and less than 86400000')
  }
  const seconds = Math.floor(ms / 1000)
  const parts = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
    (ms % 1000) * NANOS_PER_MS,
  ]
  writeIntegers(parts, out)
}

function readTime(cursor: WireCursor): ConnectValue {
  const [hours = 0, minutes = 0, seconds = 0, nanos = 0] = readIntegers(cursor, 4)
  const isTime =
    isBetween(hours, 23) && isBetween(minutes, 59) && isBetween(seconds, 59) && isBetween(nanos, 999_999_999)
  if (!isTime) throw invalid(`${hours}:${minutes}:${seconds} is no time of day`)
  return new Date(((hours * 60 + minutes) * 60 + seconds) * 1000 + Math.floor(nanos / NANOS_PER_MS))
}

function isBetween(value: number, most: number): boolean {
  return value >= 0 && value <= most
}

function writeTimestamp(schema: Schema, value: ConnectValue, out: ByteWriter): void {
  const ms = dateOf(schema, value)
  if (!(ms >= FIRST_TIMESTAMP_MS && ms <= LAST_TIMESTAMP_MS)) {
    throw invalid(`${TIMESTAMP_MESSAGE} has the years 1 to 9999: ${ms} ms since 1970 is not among them`)
  }
  const seconds = Math.floor(ms / 1000)
  if (seconds !== 0) {
    out.ensure(1)
    out.bytes[out.position++] = tag(1, WIRE.varint)
    writeVarint64(BigInt(seconds), out)
  }
  writeIntegers([null, (ms - seconds * 1000) * NANOS_PER_MS], out)
}

function readTimestamp(cursor: WireCursor): ConnectValue {
  let seconds = 0n
  let nanos = 0
  for (let next = cursor.tag(); next !== 0; next = cursor.tag()) {
    if (next === tag(1, WIRE.varint)) seconds = BigInt.asIntN(64, cursor.varint64())
    else if (next === tag(2, WIRE.varint)) nanos = cursor.int32()
    else cursor.skip(next)
  }
  const ms = Number(seconds) * 1000 + Math.floor(nanos / NANOS_PER_MS)
  if (!(ms >= FIRST_TIMESTAMP_MS && ms <= LAST_TIMESTAMP_MS && isBetween(nanos, 999_999_999))) {
    throw invalid(`Timestamp is not valid: ${seconds} s, ${nanos} ns`)
  }
  return new Date(ms)
}

/** Fields 1, 2, … of type int32; those that are 0 are left out. */
function writeIntegers(values: readonly (number | null)[], out: ByteWriter): void {
  for (const [index, value] of values.entries()) {
    if (value === null || value === 0) continue
    out.ensure(1)
    out.bytes[out.position++] = tag(index + 1, WIRE.varint)
    if (value > 0) writeVarint(value, out)
    else writeVarint64(BigInt(value), out)
  }
}

function readIntegers(cursor: WireCursor, count: number): readonly number[] {
  const values = Array<number>(count).fill(0)
  for (let next = cursor.tag(); next !== 0; next = cursor.tag()) {
    const number = next >>> 3
    if (number <= count && (next & 7) === WIRE.varint) values[number - 1] = cursor.int32()
    else cursor.skip(next)
  }
  return values
}

function tag(number: number, wireType: number): number {
  return (number << 3) | wireType
}

function invalid(message: string): DataError {
  return new DataError('connect.data-invalid', message)
}
