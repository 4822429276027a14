export type JsonRecord = Readonly<Record<string, unknown>>

/** Throws for what is no JSON object. */
export function parseJsonRecord(json: string): JsonRecord {
  const value: unknown = JSON.parse(json)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('it is no JSON object')
  return value as JsonRecord
}
