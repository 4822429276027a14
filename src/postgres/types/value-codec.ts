import type { ByteWriter } from '../../api/byte-writer.ts'
import { writeJsonValue, type JsonFormat } from '../../api/json/json-writer.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'

/**
 * Writes the JSON of a value straight from PostgreSQL's text, `bytes[start, end)`. False: the value cannot be
 * represented (a numeric NaN in precise mode), and nothing was written.
 */
export interface JsonValueWriter {
  (bytes: Buffer, start: number, end: number, out: ByteWriter): boolean
  /** What it writes where nothing in the text has to be escaped: the text, or the text in quotes. Absent: neither. */
  readonly plain?: PlainJson
}

export type PlainJson = 'bare' | 'quoted'

/**
 * How values of one PostgreSQL type, with one modifier and in one set of modes, are represented. `decode` and the
 * writers give the same result by two ways: what a writer writes is the JSON of what `decode` answers.
 */
export interface ValueCodec {
  /** Neither optional nor with a default: those are the column's. */
  readonly schema: Schema
  /** The value of PostgreSQL's text, or null where it cannot be represented. */
  decode(bytes: Buffer, start: number, end: number): ConnectValue
  /** Absent: written by way of `decode`. */
  readonly writeJson?: JsonValueWriter
  /** With `decimal.format=NUMERIC`, where that makes a difference. */
  readonly writeNumericJson?: JsonValueWriter
  /** What a NOT NULL column holds where the row does not have it (the old key of a delete). */
  readonly zero: ConnectValue
  /** What stands for an unchanged TOASTed value; null where the type has no way to say it. */
  readonly placeholder: ConnectValue
}

/** The writer to compile into an emitter. */
export function jsonValueWriter(
  codec: ValueCodec,
  decimalFormat: JsonFormat['decimalFormat'],
): JsonValueWriter {
  const own = decimalFormat === 'numeric' ? (codec.writeNumericJson ?? codec.writeJson) : codec.writeJson
  if (own !== undefined) return own
  const format: JsonFormat = { decimalFormat, replaceNullWithDefault: true }
  return (bytes, start, end, out) => {
    const value = codec.decode(bytes, start, end)
    if (value === null) return false
    writeJsonValue(codec.schema, value, format, out)
    return true
  }
}
