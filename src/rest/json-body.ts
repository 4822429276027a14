import type { ConnectorConfig } from '../api/config-def.ts'
import type { JsonObject, JsonValue } from '../api/record.ts'
import { parseJson } from '../api/json/json-text.ts'
import { HttpError } from './http-error.ts'

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown

/**
 * What is wrong with a body's JSON or its shape is answered with 500, as the reference does: its clients know that
 * status, however odd.
 */
export function invalidBody(message: string): HttpError {
  return new HttpError('rest.body-invalid', { status: 500 }, message)
}

/** A body as JSON; whole numbers of any size stay what they are. */
export function jsonBody(text: string): JsonValue {
  return guarded(text, () => parseJson(text))
}

/** A body whose scalars all become text, as the reference reads configurations: numbers exactly as they were written. */
export function textBody(text: string): JsonValue {
  const reviver: Reviver = (_key, value, { source }) =>
    typeof value === 'number' ? source : typeof value === 'boolean' ? String(value) : value
  return guarded(
    text,
    () => JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as JsonValue,
  )
}

/** An object with no other fields than `known`. */
export function objectOf(value: JsonValue, what: string, known?: readonly string[]): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidBody(`${what} must be a JSON object`)
  }
  const unknown = known && Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw invalidBody(`${what} has an unknown field "${unknown}"; it may have ${known?.join(', ')}`)
  }
  return value as JsonObject
}

/** A configuration out of a `textBody`: names to text or null. */
export function configOf(value: JsonValue, what: string): ConnectorConfig {
  const config = objectOf(value, what)
  for (const [name, entry] of Object.entries(config)) {
    if (entry !== null && typeof entry !== 'string') {
      throw invalidBody(`${what}: the value of "${name}" must be text, a number, a boolean or null`)
    }
  }
  return config as ConnectorConfig
}

function guarded(text: string, parse: () => JsonValue): JsonValue {
  if (text.trim() === '') throw invalidBody('The request has no body; a JSON object is expected')
  try {
    return parse()
  } catch (error) {
    // The engine quotes the body, passwords included, behind the first comma or the word "at": only the position may go on.
    const position = /\(line \d+ column \d+\)/.exec((error as Error).message)?.[0]
    throw invalidBody(`The request body is not valid JSON${position === undefined ? '' : ` ${position}`}`)
  }
}
