import { randomBytes } from 'node:crypto'

let counter = randomBytes(3).readUIntBE(0, 3)

/** A new id of 20 characters. It begins with the time, so that new ids go to one end of the index, not all over it. */
export function newDocumentId(nowMs: number): string {
  const bytes = randomBytes(15)
  counter = (counter + 1) & 0xffffff
  bytes.writeUIntBE(nowMs, 0, 6)
  bytes.writeUIntBE(counter, 6, 3)
  return bytes.toString('base64url')
}
