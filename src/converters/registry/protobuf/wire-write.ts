import type { ByteWriter } from '../../../api/byte-writer.ts'

export const WIRE = { varint: 0, fixed64: 1, delimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const

/** A number of at most 53 bits that is not negative, seven bits a byte. */
export function writeVarint(value: number, out: ByteWriter): void {
  out.ensure(10)
  const { bytes } = out
  let { position } = out
  let rest = value
  while (rest > 0x7fffffff) {
    bytes[position++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  let small = rest | 0
  while (small > 0x7f) {
    bytes[position++] = (small & 0x7f) | 0x80
    small >>>= 7
  }
  bytes[position++] = small
  out.position = position
}

/** 64 bits; those of a negative number as its two's complement. */
export function writeVarint64(value: bigint, out: ByteWriter): void {
  if (value >= 0n && value <= 0x1f_ffff_ffff_ffffn) {
    writeVarint(Number(value), out)
    return
  }
  let rest = BigInt.asUintN(64, value)
  out.ensure(10)
  while (rest > 0x7fn) {
    out.bytes[out.position++] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  out.bytes[out.position++] = Number(rest)
}

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
