import type { ByteWriter } from '../../api/byte-writer.ts'
import { writeInteger } from '../../api/json/json-number.ts'

/** What a point in time is counted in. */
export type TimeUnit = 'ms' | 'us'

/**
 * Writes seconds and microseconds (0 to 999,999, added) as one number of the unit. Digit by digit, because microseconds
 * beyond the year 2255 are more than a double holds. Milliseconds are cut towards the past.
 */
export function writeScaled(seconds: number, micros: number, unit: TimeUnit, out: ByteWriter): void {
  const digits = unit === 'ms' ? 3 : 6
  const scale = unit === 'ms' ? 1000 : 1_000_000
  let fraction = unit === 'ms' ? Math.floor(micros / 1000) : micros
  let whole = seconds
  if (whole < 0) {
    // -2 s + 0.3 s is written as -1.7 s.
    if (fraction > 0) {
      whole++
      fraction = scale - fraction
    }
    out.ensure(1)
    out.bytes[out.position++] = 0x2d
    whole = -whole
  }
  if (whole === 0) {
    writeInteger(fraction, out)
    return
  }
  writeInteger(whole, out)
  out.ensure(digits)
  const { bytes } = out
  for (let i = out.position + digits - 1; i >= out.position; i--) {
    const next = Math.floor(fraction / 10)
    bytes[i] = 0x30 + fraction - next * 10
    fraction = next
  }
  out.position += digits
}
