import { SCAN, scanJsonObject } from '../documents/json-scanner.ts'
import type { Answer } from './client.ts'

const OPEN_BRACE = 0x7b

/**
 * What to say of an answer that is whole for HTTP, and yet is not the JSON object that it should be; null: it is. Somebody
 * between has cut it, or answers in the server's place. Whoever steps through an answer's bytes relies on this. Of a failure
 * (status 300 and higher) the status can do without a text.
 */
export function cutShort({ status, bytes }: Answer): string | null {
  if (status >= 300 && bytes[0] !== OPEN_BRACE) return null
  if (scanJsonObject(bytes, 0, bytes.length) !== SCAN.refused) return null
  return `the answer with status ${status} is no whole JSON object (${bytes.length} bytes)`
}
