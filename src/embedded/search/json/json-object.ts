/** What `JSON.parse` gives for `{...}`. Its keys are the user's: `__proto__` is a key like any other, so never assign by key. */
export interface JsonObject {
  readonly [key: string]: unknown
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The names Elasticsearch gives to what it found in the place of something else. */
export function tokenName(value: unknown): string {
  if (value === null) return 'VALUE_NULL'
  if (Array.isArray(value)) return 'START_ARRAY'
  switch (typeof value) {
    case 'object':
      return 'START_OBJECT'
    case 'string':
      return 'VALUE_STRING'
    case 'boolean':
      return 'VALUE_BOOLEAN'
    default:
      return 'VALUE_NUMBER'
  }
}
