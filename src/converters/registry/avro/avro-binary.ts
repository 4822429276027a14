import type { ByteWriter } from '../../../api/byte-writer.ts'
import { writeVarint, writeVarint64 } from '../varint.ts'

/** Below it the zigzag form of an integer is exact as a double. */
const MOST_EXACT = 2 ** 52

export function writeByte(byte: number, out: ByteWriter): void {
  out.ensure(1)
  out.bytes[out.position++] = byte
}

/** An integer that is exact as a double, as a variable-length zigzag number. */
export function writeInt(value: number, out: ByteWriter): void {
  if (Math.abs(value) < MOST_EXACT) writeVarint(value < 0 ? -2 * value - 1 : 2 * value, out)
  else writeLong(BigInt(value), out)
}

export function writeLong(value: bigint, out: ByteWriter): void {
  writeVarint64((value << 1n) ^ (value >> 63n), out)
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
