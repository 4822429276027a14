import { createHash } from 'node:crypto'

/** The forms of `unavailable.value.placeholder`. */
export interface Placeholder {
  readonly bytes: Buffer
  readonly text: string
  /** A name-based UUID (version 3), as `java.util.UUID.nameUUIDFromBytes` makes it. */
  readonly uuid: string
}

export function createPlaceholder(bytes: Buffer): Placeholder {
  const hash = createHash('md5').update(bytes).digest()
  hash[6] = (hash[6]! & 0x0f) | 0x30
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex')
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  )
  return { bytes, text: bytes.toString(), uuid }
}
