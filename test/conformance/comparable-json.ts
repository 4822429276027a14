import { createHash } from 'node:crypto'
import { NumberText, printJson, type Json } from './lossless-json.ts'

/** Plain JavaScript for `assert.deepEqual`: whole numbers as bigint, others as `FloatText`. */
export type Comparable =
  | null
  | boolean
  | string
  | bigint
  | FloatText
  | readonly Comparable[]
  | { readonly [name: string]: Comparable }

/** A number with a point or an exponent. It never equals a whole one: Elasticsearch would map them differently. */
export class FloatText {
  readonly float: string

  constructor(float: string) {
    this.float = float
  }
}

/** Numbers by value; more digits than a double has must be equal as written. */
export function comparable(json: Json): Comparable {
  if (json instanceof NumberText) {
    const { text } = json
    if (/^-?\d+$/.test(text)) return BigInt(text)
    const digits = text
      .replace(/[eE].*/, '')
      .replace(/[-.]/g, '')
      .replace(/^0+/, '')
    return new FloatText(digits.length <= 17 ? String(Number(text)) : text)
  }
  if (json instanceof Map) {
    const object = json as ReadonlyMap<string, Json>
    return Object.fromEntries([...object].map(([name, value]) => [name, comparable(value)]))
  }
  if (Array.isArray(json)) return (json as readonly Json[]).map(comparable)
  return json as null | boolean | string
}

/** A text that orders and identifies: names are sorted. */
export function canonicalText(json: Json): string {
  return printJson(sorted(json))
}

function sorted(json: Json): Json {
  if (Array.isArray(json)) return (json as readonly Json[]).map(sorted)
  if (!(json instanceof Map)) return json
  const fields = [...(json as ReadonlyMap<string, Json>)].sort(([a], [b]) => (a < b ? -1 : 1))
  return new Map(fields.map(([name, value]) => [name, sorted(value)]))
}

/** One object on one line as the golden files' digests have it: `{ "a": 1, "b": [1, 2] }`. */
export function digestText(json: Json): string {
  if (json instanceof Map) {
    const fields = [...(sorted(json) as ReadonlyMap<string, Json>)]
    if (fields.length === 0) return '{}'
    return `{ ${fields.map(([name, value]) => `${JSON.stringify(name)}: ${digestText(value)}`).join(', ')} }`
  }
  if (Array.isArray(json)) return `[${(json as readonly Json[]).map(digestText).join(', ')}]`
  return printJson(json)
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
