import type { Schema } from './schema.ts'

/** Whether values of the schema are change envelopes: Debezium tells them by their name. */
export function isEnvelope(schema: Schema | null): schema is Schema & { readonly name: string } {
  return schema?.name?.endsWith('.Envelope') ?? false
}
