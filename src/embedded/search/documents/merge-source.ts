import { isJsonObject, type JsonObject } from '../json/json-object.ts'
import { parseExactly } from '../json/exact-json.ts'
import { RawJson, writeJson } from '../json/raw-json.ts'

const isPlainObject = (value: unknown): value is JsonObject =>
  isJsonObject(value) && !(value instanceof RawJson)

/** Objects are merged key by key; anything else, arrays too, takes the place of what was there. */
function merge(current: unknown, change: unknown): unknown {
  if (!isPlainObject(current) || !isPlainObject(change)) return change
  const merged = new Map<string, unknown>(Object.entries(current))
  for (const [key, value] of Object.entries(change))
    merged.set(key, merged.has(key) ? merge(merged.get(key), value) : value)
  return Object.fromEntries(merged)
}

/** The source with the changes of a partial document; undefined where it changes nothing. All numbers stay as written. */
export function mergeSource(source: string, doc: string): string | undefined {
  const current = parseExactly(source)
  const merged = writeJson(merge(current, parseExactly(doc)))
  return merged === writeJson(current) ? undefined : merged
}
