import { isJsonObject } from '../json/json-object.ts'

/** A field's value as it is compared and sorted: dates are milliseconds, integers beyond 2^53 `bigint`. */
export type DocValue = number | bigint | string | boolean

/** A value that does not fit its field; the message is the reason of `caused_by`. */
export class UnfitValueError extends Error {
  readonly type: string

  constructor(message: string, type = 'illegal_argument_exception') {
    super(message)
    this.name = new.target.name
    this.type = type
  }
}

/** Orders two values of one field. Numbers of both kinds compare by value; strings by code point, as UTF-8 bytes do. */
export function compareValues(a: DocValue, b: DocValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = a.charCodeAt(i) - b.charCodeAt(i)
    if (difference === 0) continue
    // Surrogates, the units of what lies beyond the basic plane, sort below U+E000-U+FFFF but mean more.
    const fix = (unit: number): number =>
      unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit
    return fix(a.charCodeAt(i)) - fix(b.charCodeAt(i))
  }
  return a.length - b.length
}

/** How a wrong value is quoted: objects as Java prints a map. */
export function previewValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(previewValue).join(', ')}]`
  if (isJsonObject(value)) {
    return `{${Object.entries(value)
      .map(([key, child]) => `${key}=${previewValue(child)}`)
      .join(', ')}}`
  }
  return String(value)
}
