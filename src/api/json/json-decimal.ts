import { Buffer } from 'node:buffer'
import type { ByteWriter } from '../byte-writer.ts'
import { Decimal } from '../decimal.ts'
import { writeBase64 } from './json-base64.ts'

/** Integers below this take at most six bytes, where doubles are exact throughout. */
export const MOST_SMALL_UNSCALED = 2 ** 47
const scratch = new Uint8Array(6)

/** The big-endian two's complement bytes of an integer, as few as possible: `BigInteger.toByteArray`. */
export function unscaledBytes(value: bigint): Buffer {
  let length = 1
  while (value < -(1n << BigInt(8 * length - 1)) || value >= 1n << BigInt(8 * length - 1)) length++
  const hex = BigInt.asUintN(8 * length, value).toString(16)
  return Buffer.from(hex.padStart(2 * length, '0'), 'hex')
}

/** The integer in big-endian two's complement bytes; 0 for none. */
export function unscaledFromBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}

/** Writes the base64 of an integer's two's complement bytes, quotes included. `|value|` is below `MOST_SMALL_UNSCALED`. */
export function writeSmallUnscaled(value: number, out: ByteWriter): void {
  let length = 1
  let limit = 128
  while (value >= limit || value < -limit) {
    length++
    limit *= 256
  }
  let rest = value < 0 ? value + limit * 2 : value
  for (let i = length - 1; i >= 0; i--) {
    const next = Math.floor(rest / 256)
    scratch[i] = rest - next * 256
    rest = next
  }
  out.ensure(2)
  out.bytes[out.position++] = 0x22
  writeBase64(scratch, 0, length, out)
  out.ensure(1)
  out.bytes[out.position++] = 0x22
}

/** The same for any integer. */
export function writeUnscaled(value: bigint, out: ByteWriter): void {
  const bytes = unscaledBytes(value)
  out.ensure(1)
  out.bytes[out.position++] = 0x22
  writeBase64(bytes, 0, bytes.length, out)
  out.ensure(1)
  out.bytes[out.position++] = 0x22
}

/** `BigDecimal.toString`: plain, but with an exponent for negative scales and below 1e-6 (`1E-10`, `0E-10`, `1E+2`). */
export function decimalText({ unscaled, scale }: Decimal): string {
  const negative = unscaled < 0n
  const digits = (negative ? -unscaled : unscaled).toString()
  const exponent = digits.length - 1 - scale
  if (scale >= 0 && exponent >= -6) return new Decimal(unscaled, scale).toString()
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${negative ? '-' : ''}${digits[0]}${fraction}E${exponent < 0 ? '' : '+'}${exponent}`
}

/** The same number with another scale, or null where that would cut off digits other than 0. */
export function withScale(decimal: Decimal, scale: number): Decimal | null {
  if (decimal.scale === scale) return decimal
  if (scale > decimal.scale) {
    return new Decimal(decimal.unscaled * 10n ** BigInt(scale - decimal.scale), scale)
  }
  const divisor = 10n ** BigInt(decimal.scale - scale)
  return decimal.unscaled % divisor === 0n ? new Decimal(decimal.unscaled / divisor, scale) : null
}
