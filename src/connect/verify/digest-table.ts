import type { Digest } from '../../api/verification.ts'

const WORDS = 4

/**
 * Digests by the hashes of their names, in 17 bytes each: a million rows take less than 40 MB. Names are told apart by 64
 * bits; two that share them would only be looked at once more.
 */
export class DigestTable {
  #slots: Uint32Array
  #seen: Uint8Array
  #capacity: number
  #size = 0

  constructor(expected: number) {
    this.#capacity = 1024
    while (this.#capacity * 0.7 < expected) this.#capacity *= 2
    this.#slots = new Uint32Array(this.#capacity * WORDS)
    this.#seen = new Uint8Array(this.#capacity)
  }

  get size(): number {
    return this.#size
  }

  set(name: Digest, { low, high }: Digest): void {
    if (this.#size + 1 > this.#capacity * 0.7) this.#grow()
    const at = this.#find(name) * WORDS
    const slots = this.#slots
    if (isFree(slots, at)) this.#size++
    slots[at] = name.low
    slots[at + 1] = name.high
    slots[at + 2] = low
    slots[at + 3] = high
  }

  /** Compares what is found under a name, and notes that there is something. */
  meet(name: Digest, { low, high }: Digest): 'same' | 'different' | 'unknown' {
    const slot = this.#find(name)
    const at = slot * WORDS
    if (isFree(this.#slots, at)) return 'unknown'
    this.#seen[slot] = 1
    return this.#slots[at + 2] === low && this.#slots[at + 3] === high ? 'same' : 'different'
  }

  /** Names that were not met. */
  *missing(): Generator<Digest> {
    for (let slot = 0; slot < this.#capacity; slot++) {
      const at = slot * WORDS
      if (this.#seen[slot] === 1 || isFree(this.#slots, at)) continue
      yield { low: this.#slots[at]!, high: this.#slots[at + 1]! }
    }
  }

  #find({ low, high }: Digest): number {
    const slots = this.#slots
    const mask = this.#capacity - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS
      if (isFree(slots, at) || (slots[at] === low && slots[at + 1] === high)) return slot
    }
  }

  /** Before anything is met. */
  #grow(): void {
    const old = this.#slots
    this.#capacity *= 2
    this.#slots = new Uint32Array(this.#capacity * WORDS)
    this.#seen = new Uint8Array(this.#capacity)
    const name = { low: 0, high: 0 }
    for (let from = 0; from < old.length; from += WORDS) {
      if (isFree(old, from)) continue
      name.low = old[from]!
      name.high = old[from + 1]!
      const at = this.#find(name) * WORDS
      for (let word = 0; word < WORDS; word++) this.#slots[at + word] = old[from + word]!
    }
  }
}

/** No name is 0, 0: `hashName` sees to it. */
function isFree(slots: Uint32Array, at: number): boolean {
  return slots[at] === 0 && slots[at + 1] === 0
}

/** The hash of an index and an id. */
export function hashName({ index, id }: { readonly index: string; readonly id: string }, into: Digest): void {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i)
    a = Math.imul(a ^ code, 0x9e3779b1)
    b = Math.imul(b ^ code, 0x5f356495)
  }
  for (let i = 0; i < index.length; i++) {
    const code = index.charCodeAt(i)
    a = Math.imul(a ^ code, 0x9e3779b1)
    b = Math.imul(b ^ code, 0x5f356495)
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  into.low = (a >>> 0) | 0 ? a >>> 0 : 1
  into.high = b >>> 0
}

/** The hash as a key of a map. */
export function nameKey({ low, high }: Digest): number {
  return (high % 0x200000) * 0x100000000 + low
}
