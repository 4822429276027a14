import type { ByteWriter } from '../../api/byte-writer.ts'
import { BASE64, BASE64_URL } from '../../api/json/json-base64.ts'
import { primitiveSchema } from '../../api/schema.ts'
import { booleanCodec } from './scalar-codecs.ts'
import type { Placeholder } from './placeholder.ts'
import type { ValueCodec } from './value-codec.ts'
import type { ValueModes } from './value-modes.ts'

const QUOTE = 0x22
const ONE = 0x31

/** `bytea`, whose text is `\x` and hexadecimal digits. */
export function byteaCodec(mode: ValueModes['binaryHandlingMode'], placeholder: Placeholder): ValueCodec {
  const text = { schema: primitiveSchema('string'), zero: '', placeholder: placeholder.text } as const
  switch (mode) {
    case 'bytes':
      return {
        schema: primitiveSchema('bytes'),
        decode: decodeHex,
        writeJson: base64Writer(BASE64),
        zero: new Uint8Array(0),
        placeholder: placeholder.bytes,
      }
    case 'base64':
      return {
        ...text,
        decode: (bytes, start, end) => decodeHex(bytes, start, end).toString('base64'),
        writeJson: base64Writer(BASE64),
      }
    case 'base64-url-safe':
      return {
        ...text,
        decode: (bytes, start, end) =>
          decodeHex(bytes, start, end).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
        writeJson: base64Writer(BASE64_URL),
      }
    case 'hex':
      return {
        ...text,
        decode: (bytes, start, end) => bytes.toString('latin1', start + 2, end),
        writeJson: (bytes, start, end, out) => {
          out.ensure(end - start)
          out.bytes[out.position++] = QUOTE
          out.copy(bytes, start + 2, end)
          out.ensure(1)
          out.bytes[out.position++] = QUOTE
          return true
        },
      }
  }
}

function decodeHex(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.toString('latin1', start + 2, end), 'hex')
}

function base64Writer(alphabet: Uint8Array): NonNullable<ValueCodec['writeJson']> {
  return (bytes, start, end, out) => {
    const count = (end - start - 2) >> 1
    out.ensure(Math.ceil(count / 3) * 4 + 2)
    out.bytes[out.position++] = QUOTE
    writeHexAsBase64(bytes, start + 2, end, out, alphabet)
    out.bytes[out.position++] = QUOTE
    return true
  }
}

/** From hexadecimal digits to base64 without the bytes in between. The room is there already. */
function writeHexAsBase64(
  source: Buffer,
  start: number,
  end: number,
  out: ByteWriter,
  alphabet: Uint8Array,
): void {
  const { bytes } = out
  let position = out.position
  let i = start
  for (; i + 5 < end; i += 6) {
    const group = (hexByte(source, i) << 16) | (hexByte(source, i + 2) << 8) | hexByte(source, i + 4)
    bytes[position++] = alphabet[group >> 18]!
    bytes[position++] = alphabet[(group >> 12) & 63]!
    bytes[position++] = alphabet[(group >> 6) & 63]!
    bytes[position++] = alphabet[group & 63]!
  }
  if (i < end) {
    const hasTwo = i + 2 < end
    const group = (hexByte(source, i) << 16) | (hasTwo ? hexByte(source, i + 2) << 8 : 0)
    bytes[position++] = alphabet[group >> 18]!
    bytes[position++] = alphabet[(group >> 12) & 63]!
    bytes[position++] = hasTwo ? alphabet[(group >> 6) & 63]! : 0x3d
    bytes[position++] = 0x3d
  }
  out.position = position
}

function hexByte(source: Buffer, at: number): number {
  return (hexDigit(source[at]!) << 4) | hexDigit(source[at + 1]!)
}

/** PostgreSQL prints lower case. */
function hexDigit(byte: number): number {
  return byte > 0x39 ? byte - 0x57 : byte - 0x30
}

/** `bit(n)`, `varbit(n)`: a boolean for one bit, otherwise little-endian bytes up to the highest bit that is set. */
export function bitsCodec(length: number): ValueCodec {
  if (length === 1) {
    return {
      ...booleanCodec,
      // An empty varbit(1) is neither.
      decode: (bytes, start, end) => (start === end ? null : bytes[start] === ONE),
      writeJson: (bytes, start, end, out) => {
        if (start === end) return false
        out.utf8(bytes[start] === ONE ? 'true' : 'false')
        return true
      },
    }
  }
  return {
    schema: primitiveSchema('bytes', {
      name: 'io.debezium.data.Bits',
      version: 1,
      // Without a length a varbit is as long as it likes; the driver says so with the largest integer.
      parameters: { length: String(length < 0 ? 2_147_483_647 : length) },
    }),
    decode: (bytes, start, end) => {
      let first = start
      while (first < end && bytes[first] !== ONE) first++
      const bits = Buffer.alloc((end - first + 7) >> 3)
      for (let i = end - 1, bit = 0; i >= first; i--, bit++) {
        if (bytes[i] === ONE) bits[bit >> 3]! |= 1 << (bit & 7)
      }
      return bits
    },
    zero: new Uint8Array(0),
    placeholder: null,
  }
}
