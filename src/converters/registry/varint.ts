import type { ByteWriter } from '../../api/byte-writer.ts'

/** A number of at most 53 bits that is not negative, seven bits a byte, the lowest first. */
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

/** The same of 64 bits; those of a negative number as its two's complement. */
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
