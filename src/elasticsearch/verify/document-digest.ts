import type { Digest } from '../../api/verification.ts'
import { firstName, isName, nextName, skipSpace, stringEnd, valueEnd } from '../documents/json-walk.ts'

const NONE: readonly Uint8Array[] = []
const NOTHING: ReadonlySet<string> = new Set()

/**
 * The digest of a document, whatever the order of its fields and the space between them: the sum of its fields' hashes.
 * Values count as they are written.
 *
 * @param bytes in `[start, end)` a well-formed JSON object
 * @param leftOut names of fields that do not count
 */
export function digestOf(
  bytes: Uint8Array,
  {
    start,
    end,
    leftOut = NONE,
  }: { readonly start: number; readonly end: number; readonly leftOut?: readonly Uint8Array[] },
  digest: Digest,
): void {
  let low = 0
  let high = 0
  for (let at = firstName(bytes, start, end); at >= 0;) {
    const nameEnd = stringEnd(bytes, at)
    const value = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1)
    const next = valueEnd(bytes, value)
    if (leftOut.length > 0 && isLeftOut(bytes, [at, nameEnd], leftOut)) {
      at = nextName(bytes, next)
      continue
    }
    let a = 0x811c9dc5
    let b = 0x41c6ce57
    for (let i = at; i < nameEnd; i++) {
      a = Math.imul(a ^ bytes[i]!, 0x01000193)
      b = Math.imul(b ^ bytes[i]!, 0x5bd1e995)
    }
    b ^= b >>> 15
    for (let i = value; i < next; i++) {
      a = Math.imul(a ^ bytes[i]!, 0x01000193)
      b = Math.imul(b ^ bytes[i]!, 0x5bd1e995)
      b ^= b >>> 15
    }
    low = (low + mixed(a)) | 0
    high = (high + mixed(b)) | 0
    at = nextName(bytes, next)
  }
  digest.low = low >>> 0
  digest.high = high >>> 0
}

function isLeftOut(
  bytes: Uint8Array,
  [start, end]: readonly [number, number],
  names: readonly Uint8Array[],
): boolean {
  for (const name of names) if (isName(bytes, start, end, name)) return true
  return false
}

/** Sums of hashes are hashes only where each bit depends on all. */
function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Whether two documents say the same: numbers of any size by their digits, fields in any order. */
export function isSameJson(a: string, b: string, leftOut: ReadonlySet<string> = NOTHING): boolean {
  return a === b || canonical(a, leftOut) === canonical(b, leftOut)
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

function canonical(json: string, leftOut: ReadonlySet<string>): string {
  const reviver: Reviver = (_key, value, { source }) => {
    if (typeof value === 'number') return `#${source}`
    if (typeof value === 'string') return `"${value}`
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
  }
  const document = JSON.parse(json, reviver as (key: string, value: unknown) => unknown) as object
  return JSON.stringify(Object.entries(document).filter(([name]) => !leftOut.has(name)))
}
