import type { ByteWriter } from '../../api/byte-writer.ts'
import { writeJsonString } from '../../api/json/json-string.ts'
import { primitiveSchema, type Schema } from '../../api/schema.ts'
import type { JsonValueWriter, ValueCodec } from './value-codec.ts'

const T = 0x74
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')

/** PostgreSQL prints integers as JSON has them. */
const copyDigits: JsonValueWriter = Object.assign(
  (bytes: Buffer, start: number, end: number, out: ByteWriter) => {
    out.copy(bytes, start, end)
    return true
  },
  { plain: 'bare' } as const,
)

const copyText: JsonValueWriter = Object.assign(
  (bytes: Buffer, start: number, end: number, out: ByteWriter) => {
    writeJsonString(bytes, start, end, out)
    return true
  },
  { plain: 'quoted' } as const,
)

function smallIntegerCodec(type: 'int16' | 'int32'): ValueCodec {
  return {
    schema: primitiveSchema(type),
    decode: (bytes, start, end) => Number(bytes.toString('latin1', start, end)),
    writeJson: copyDigits,
    zero: 0,
    placeholder: null,
  }
}

export const int16Codec = smallIntegerCodec('int16')
export const int32Codec = smallIntegerCodec('int32')

/** bigint and oid. */
export const int64Codec: ValueCodec = {
  schema: primitiveSchema('int64'),
  decode: (bytes, start, end) => BigInt(bytes.toString('latin1', start, end)),
  writeJson: copyDigits,
  zero: 0n,
  placeholder: null,
}

export const booleanCodec: ValueCodec = {
  schema: primitiveSchema('boolean'),
  decode: (bytes, start) => bytes[start] === T,
  writeJson: (bytes, start, _end, out) => {
    const word = bytes[start] === T ? TRUE : FALSE
    out.copy(word, 0, word.length)
    return true
  },
  zero: false,
  placeholder: null,
}

/** Types whose text is the value: text, json, uuid, inet, ranges, enums, … */
export function textCodec(placeholder: string, more: Partial<Schema> = {}): ValueCodec {
  return {
    schema: { ...primitiveSchema('string'), ...more },
    decode: (bytes, start, end) => bytes.toString('utf8', start, end),
    writeJson: copyText,
    zero: '',
    placeholder,
  }
}
