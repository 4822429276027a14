import type { ByteWriter } from '../../api/byte-writer.ts'
import { doubleText, floatText } from '../../api/json/json-number.ts'
import { primitiveSchema } from '../../api/schema.ts'
import type { ValueCodec } from './value-codec.ts'

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39

/** `real` and `double precision`: PostgreSQL's shortest digits, laid out as Java does. */
function floatCodec(type: 'float' | 'double'): ValueCodec {
  const text = type === 'float' ? floatText : doubleText
  const decode = (bytes: Buffer, start: number, end: number): number => {
    const value = Number(bytes.toString('latin1', start, end))
    return type === 'float' ? Math.fround(value) : value
  }
  return {
    schema: primitiveSchema(type),
    decode,
    writeJson: (bytes, start, end, out) => {
      if (!writeByDigits(bytes, start, end, out)) {
        const value = decode(bytes, start, end)
        out.utf8(Number.isFinite(value) ? text(value) : `"${text(value)}"`)
      }
      return true
    },
    zero: 0,
    placeholder: null,
  }
}

export const float32Codec = floatCodec('float')
export const float64Codec = floatCodec('double')

/**
 * Rearranges plain digits (`-123.45`) without making a number of them. False for what needs a closer look: an exponent,
 * NaN, infinities, 0, numbers outside Java's range for plain notation.
 */
function writeByDigits(bytes: Buffer, start: number, end: number, out: ByteWriter): boolean {
  let at = start
  const isNegative = bytes[at] === MINUS
  if (isNegative) at++
  const wholeStart = at
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++
  const wholeLength = at - wholeStart
  if (at < end && bytes[at] !== POINT) return false
  if (wholeLength === 0 || wholeLength > 7) return false
  // Below 1e-3 Java uses an exponent.
  if (bytes[wholeStart] === ZERO && !hasThousandths(bytes, at, end)) return false
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i]!
    if (byte < ZERO || byte > NINE) return false
  }
  out.copy(bytes, start, end)
  if (at === end) {
    out.ensure(2)
    out.bytes[out.position++] = POINT
    out.bytes[out.position++] = ZERO
  }
  return true
}

/** Whether one of the first three digits after the point is not 0. */
function hasThousandths(bytes: Buffer, point: number, end: number): boolean {
  for (let i = point + 1; i < end && i <= point + 3; i++) if (bytes[i] !== ZERO) return true
  return false
}
