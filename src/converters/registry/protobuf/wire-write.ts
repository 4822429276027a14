import type { ByteWriter } from '../../../api/byte-writer.ts'
import { writeVarint } from '../varint.ts'

export const WIRE = { varint: 0, fixed64: 1, delimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const

export function writeBytes(bytes: Uint8Array, out: ByteWriter): void {
  writeVarint(bytes.length, out)
  out.copy(bytes, 0, bytes.length)
}

export function writeText(text: string, out: ByteWriter): void {
  const start = beginLength(out)
  out.utf8(text)
  endLength(start, out)
}

/** Leaves room for the length of what is written next; to be given to `endLength` then. */
export function beginLength(out: ByteWriter): number {
  out.ensure(1)
  return out.position++
}

/** Most lengths take the one byte that was left for them; for others what was written moves on. */
export function endLength(start: number, out: ByteWriter): void {
  const length = out.position - start - 1
  if (length < 0x80) {
    out.bytes[start] = length
    return
  }
  const end = out.position
  const size = length < 2 ** 14 ? 2 : length < 2 ** 21 ? 3 : length < 2 ** 28 ? 4 : 5
  out.ensure(size - 1)
  out.bytes.copyWithin(start + size, start + 1, end)
  out.position = start
  writeLength(length, out)
  out.position = end + size - 1
}

/** Without asking for room, which may be taken. */
function writeLength(length: number, out: ByteWriter): void {
  let rest = length
  while (rest > 0x7f) {
    out.bytes[out.position++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  out.bytes[out.position++] = rest
}
