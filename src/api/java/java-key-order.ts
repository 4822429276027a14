import { javaTextHash } from './java-text-hash.ts'

/**
 * The order in which Java's `HashMap` goes through its keys, which is that of their hashes; those of one place stay as they
 * were put in. A map that has been large keeps its room, and with it another order.
 */
export class JavaKeyOrder {
  /** A power of two; it is doubled when three quarters of it are taken. */
  #room = 16

  of(keys: Iterable<string>): readonly string[] {
    const all = [...keys]
    while (all.length > this.#room * 0.75) this.#room *= 2
    const place = new Map(all.map((key) => [key, placeOf(key) & (this.#room - 1)]))
    return all.sort((a, b) => place.get(a)! - place.get(b)!)
  }
}

function placeOf(key: string): number {
  const hash = javaTextHash(key)
  return hash ^ (hash >>> 16)
}
