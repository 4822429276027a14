import type { ByteWriter } from '../../../api/byte-writer.ts'

/** Below it the zigzag form of an integer is exact as a double. */
const MOST_EXACT = 2 ** 52

export function writeByte(byte: number, out: ByteWriter): void {
  out.ensure(1)
  out.bytes[out.position++] = byte
}

/** An integer that is exact as a double, as a variable-length zigzag number. */
export function writeInt(value: number, out: ByteWriter): void {
  if (!(Math.abs(value) < MOST_EXACT)) {
    writeLong(BigInt(value), out)
    return
  }
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  out.ensure(10)
  const { bytes } = out
  let { position } = out
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

export function writeLong(value: bigint, out: ByteWriter): void {
  const double = Number(value)
  if (Math.abs(double) < MOST_EXACT) {
    writeInt(double, out)
    return
  }
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  out.ensure(10)
  while (rest > 0x7fn) {
    out.bytes[out.position++] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  out.bytes[out.position++] = Number(rest)
}

export function writeFloat(value: number, out: ByteWriter): void {
  out.ensure(4)
  out.bytes.writeFloatLE(value, out.position)
  out.position += 4
}

export function writeDouble(value: number, out: ByteWriter): void {
  out.ensure(8)
  out.bytes.writeDoubleLE(value, out.position)
  out.position += 8
}

export function writeText(text: string, out: ByteWriter): void {
  writeInt(Buffer.byteLength(text), out)
  out.utf8(text)
}

export function writeBytes(bytes: Uint8Array, out: ByteWriter): void {
  writeInt(bytes.length, out)
  out.copy(bytes, 0, bytes.length)
}
