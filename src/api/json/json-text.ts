import type { JsonObject, JsonValue } from '../record.ts'

// TypeScript's libraries do not know these yet; Node has them since 21.
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown }
type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown

/** JSON text; a bigint is written as the integer that it is. */
export function stringifyJson(value: JsonValue): string {
  return JSON.stringify(value, (_key, child: unknown) =>
    typeof child === 'bigint' ? rawJSON(child.toString()) : child,
  )
}

/** Parses JSON; integers beyond 2^53 become bigints and lose nothing. */
export function parseJson(text: string): JsonValue {
  const reviver: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
      ? BigInt(source!)
      : value
  return JSON.parse(text, reviver as (this: unknown, key: string, value: unknown) => unknown) as JsonValue
}

/** The same for text that an own store wrote: an object. */
export function parseJsonObject(text: string): JsonObject {
  return parseJson(text) as JsonObject
}
