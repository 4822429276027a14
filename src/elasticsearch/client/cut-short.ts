import { SCAN, scanJsonObject } from '../documents/json-scanner.ts'
import type { Answer } from './client.ts'

/**
 * What to say of an answer that is whole for HTTP, and yet is not the JSON object that it should be; null: it is. Somebody
 * between has cut it, or answers in the server's place. Whoever steps through an answer's bytes relies on this.
 */
export function cutShort({ status, bytes }: Answer): string | null {
  if (status >= 300 || scanJsonObject(bytes, 0, bytes.length) !== SCAN.refused) return null
  return `the answer with status ${status} is no whole JSON object (${bytes.length} bytes)`
}

/** For an answer whose status says all, or that cannot be asked for again: then the caller looks whether it is whole. */
export function asItIs(): null {
  return null
}
