import { Buffer } from 'node:buffer'
import type { ByteWriter } from '../byte-writer.ts'

export const BASE64 = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
export const BASE64_URL = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

/** Writes `source[start, end)` as padded base64, without quotes. */
export function writeBase64(
  source: Uint8Array,
  start: number,
  end: number,
  out: ByteWriter,
  alphabet: Uint8Array = BASE64,
): void {
  out.ensure(Math.ceil((end - start) / 3) * 4)
  const { bytes } = out
  let position = out.position
  let i = start
  for (; i + 2 < end; i += 3) {
    const group = (source[i]! << 16) | (source[i + 1]! << 8) | source[i + 2]!
    bytes[position++] = alphabet[group >> 18]!
    bytes[position++] = alphabet[(group >> 12) & 63]!
    bytes[position++] = alphabet[(group >> 6) & 63]!
    bytes[position++] = alphabet[group & 63]!
  }
  if (i < end) {
    const hasTwo = i + 1 < end
    const group = (source[i]! << 16) | (hasTwo ? source[i + 1]! << 8 : 0)
    bytes[position++] = alphabet[group >> 18]!
    bytes[position++] = alphabet[(group >> 12) & 63]!
    bytes[position++] = hasTwo ? alphabet[(group >> 6) & 63]! : 0x3d
    bytes[position++] = 0x3d
  }
  out.position = position
}
