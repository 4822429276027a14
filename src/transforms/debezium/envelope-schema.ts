import type { Schema } from '../../api/schema.ts'

/** Whether values of the schema are change envelopes: Debezium tells them by their name. */
export function isEnvelope(schema: Schema | null): boolean {
  return schema?.name?.endsWith('.Envelope') ?? false
}
