/** MurmurHash3 with a state of 128 bits, of which 32 are taken; in the reference's variant, bytes at the end are signed. */
const SEED = 9001n
const MASK = (1n << 64n) - 1n

interface State {
  h1: bigint
  h2: bigint
  c1: bigint
  c2: bigint
}

/** The hash of a text's UTF-8. */
export function murmurTextHash(text: string): number {
  return murmurHash(Buffer.from(text))
}

/** The hash of the four bytes of Java's `hashCode`. */
export function murmurIntegerHash(hashCode: number): number {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(hashCode)
  return murmurHash(bytes)
}

function murmurHash(bytes: Buffer): number {
  const state: State = {
    h1: 0x9368e53c2f6af274n ^ SEED,
    h2: 0x586dcd208f7cd3fdn ^ SEED,
    c1: 0x87c37b91114253d5n,
    c2: 0x4cf5ad432745937fn,
  }
  const tail = bytes.length & ~15
  for (let at = 0; at < tail; at += 16) mix(state, bytes.readBigUInt64LE(at), bytes.readBigUInt64LE(at + 8))
  if (tail < bytes.length) {
    mix(
      state,
      signedBytes(bytes.subarray(tail, Math.min(tail + 8, bytes.length))),
      signedBytes(bytes.subarray(tail + 8)),
    )
  }
  let h1 = state.h1
  let h2 = state.h2 ^ BigInt(bytes.length)
  h1 = (h1 + h2) & MASK
  h2 = (h2 + h1) & MASK
  return Number(BigInt.asIntN(32, ((scattered(h1) + scattered(h2)) & MASK) >> 32n))
}

/** Up to eight, the first one lowest, each with its sign spread over what lies above it. */
function signedBytes(bytes: Buffer): bigint {
  let bits = 0n
  for (const [i, byte] of bytes.entries()) bits ^= BigInt((byte << 24) >> 24) << BigInt(8 * i)
  return bits & MASK
}

function mix(state: State, low: bigint, high: bigint): void {
  const k1 = (rotated((low * state.c1) & MASK, 23n) * state.c2) & MASK
  state.h1 = ((state.h1 ^ k1) + state.h2) & MASK
  state.h2 = rotated(state.h2, 41n)
  const k2 = (rotated((high * state.c2) & MASK, 23n) * state.c1) & MASK
  state.h2 = ((state.h2 ^ k2) + state.h1) & MASK
  state.h1 = (state.h1 * 3n + 0x52dce729n) & MASK
  state.h2 = (state.h2 * 3n + 0x38495ab5n) & MASK
  state.c1 = (state.c1 * 5n + 0x7b7d159cn) & MASK
  state.c2 = (state.c2 * 5n + 0x6bce6396n) & MASK
}

function rotated(bits: bigint, by: bigint): bigint {
  return ((bits << by) | (bits >> (64n - by))) & MASK
}

function scattered(bits: bigint): bigint {
  let k = bits ^ (bits >> 33n)
  k = (k * 0xff51afd7ed558ccdn) & MASK
  k ^= k >> 33n
  k = (k * 0xc4ceb9fe1a85ec53n) & MASK
  return k ^ (k >> 33n)
}
