import type { ByteWriter } from '../byte-writer.ts'

/** Writes a safe integer in decimal digits, without making a string. */
export function writeInteger(value: number, out: ByteWriter): void {
  out.ensure(17)
  const { bytes } = out
  let position = out.position
  if (value < 0) {
    bytes[position++] = 0x2d
    value = -value
  }
  let end = position + digitCount(value)
  out.position = end
  // Above 2^31 a division makes a double; cut off nine digits at a time, so that most of the work is in small integers.
  while (value > 0x7fffffff) {
    const rest = Math.floor(value / 1e9)
    let low = value - rest * 1e9
    for (let i = 0; i < 9; i++) {
      const next = (low / 10) | 0
      bytes[--end] = 0x30 + low - next * 10
      low = next
    }
    value = rest
  }
  let small = value | 0
  while (end > position) {
    const next = (small / 10) | 0
    bytes[--end] = 0x30 + small - next * 10
    small = next
  }
}

function digitCount(value: number): number {
  let digits = 1
  let limit = 10
  while (value >= limit) {
    digits++
    limit *= 10
  }
  return digits
}

/** A double as `java.lang.Double.toString` prints it: `1.0`, `1.0E10`, `NaN`. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return specialText(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [digits, exponent] = splitExponential(Math.abs(value).toExponential())
  // Java prints two digits at least, so the shortest one-digit form must not be padded where two digits are closer.
  const [two, twoExponent] =
    digits.length === 1 ? splitExponential(Math.abs(value).toExponential(1)) : [digits, exponent]
  return (value < 0 ? '-' : '') + arrangeDigits(two, twoExponent)
}

/** A single precision number as `java.lang.Float.toString` prints it. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return specialText(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const single = Math.fround(Math.abs(value))
  const [digits, exponent] = splitExponential(shortestSingle(single))
  return (value < 0 ? '-' : '') + arrangeDigits(digits, exponent)
}

function specialText(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
}

/** The fewest digits, two at least, that read back as the same single precision number. */
function shortestSingle(value: number): string {
  for (let fraction = 1; fraction < 9; fraction++) {
    const text = value.toExponential(fraction)
    if (Math.fround(Number(text)) === value) return text
  }
  return value.toExponential(8)
}

/** `1.25e+3` into `['125', 3]`; trailing zeros go. */
function splitExponential(text: string): [digits: string, exponent: number] {
  const e = text.indexOf('e')
  const digits = text.slice(0, e).replace('.', '').replace(/0+$/, '')
  return [digits, Number(text.slice(e + 1))]
}

/**
 * Java's layout for significant digits (no zeros at either end) and the decimal exponent of the first one: plain
 * between 1e-3 and 1e7, otherwise with `E`; always at least one digit after the point.
 */
export function arrangeDigits(digits: string, exponent: number): string {
  if (exponent < -3 || exponent > 6) return `${digits[0]}.${digits.slice(1) || '0'}E${exponent}`
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${whole}.${digits.slice(exponent + 1) || '0'}`
}
