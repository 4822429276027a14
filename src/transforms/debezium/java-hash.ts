import { Decimal } from '../../api/decimal.ts'
import { javaTextHash } from '../../api/java/java-text-hash.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'

/** `hashCode` of the Java object that a value is in Kafka Connect. */
export function javaHash(value: ConnectValue, schema: Schema): number {
  if (typeof value === 'string') return javaTextHash(value)
  if (typeof value === 'boolean') return value ? 1231 : 1237
  if (value instanceof Decimal) return (Math.imul(31, bigIntegerHash(value.unscaled)) + value.scale) | 0
  if (typeof value === 'bigint') return wideHash(BigInt.asUintN(64, value))
  if (typeof value === 'number') {
    if (schema.type === 'int64') return wideHash(BigInt.asUintN(64, BigInt(value)))
    const bytes = Buffer.alloc(8)
    if (schema.type === 'float') return (bytes.writeFloatBE(value), bytes.readInt32BE())
    if (schema.type === 'double') return (bytes.writeDoubleBE(value), wideHash(bytes.readBigUInt64BE()))
    return value | 0
  }
  if (value instanceof Date) return wideHash(BigInt.asUintN(64, BigInt(value.getTime())))
  if (value instanceof Uint8Array) return bytesHash(value)
  if (Array.isArray(value)) {
    const items = value as readonly ConnectValue[]
    return items.reduce<number>(
      (hash, item) => (Math.imul(31, hash) + (item === null ? 0 : javaHash(item, schema.valueSchema!))) | 0,
      1,
    )
  }
  // Java hashes what has no values of its own by its place in memory; this is at least always the same.
  return javaTextHash(schema.type)
}

/** As `ByteBuffer` does, which is what the source's bytes are: from the last to the first. */
function bytesHash(bytes: Uint8Array): number {
  let hash = 1
  for (let i = bytes.length - 1; i >= 0; i--) hash = (Math.imul(31, hash) + ((bytes[i]! << 24) >> 24)) | 0
  return hash
}

function wideHash(bits: bigint): number {
  return Number(BigInt.asIntN(32, bits ^ (bits >> 32n)))
}

function bigIntegerHash(value: bigint): number {
  const hex = (value < 0n ? -value : value).toString(16)
  const padded = hex.padStart(Math.ceil(hex.length / 8) * 8, '0')
  let hash = 0
  for (let i = 0; i < padded.length; i += 8)
    hash = (Math.imul(31, hash) + Number.parseInt(padded.slice(i, i + 8), 16)) | 0
  return value < 0n ? -hash | 0 : hash
}
