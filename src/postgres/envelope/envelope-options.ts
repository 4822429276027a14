import type { ValueModes } from '../types/value-modes.ts'

/** The options that shape records. `PostgresOptions` satisfies it. */
export interface EnvelopeOptions extends ValueModes {
  readonly topicPrefix: string
  readonly topicDelimiter: string
  readonly database: string
  isColumnIncluded(schema: string, table: string, column: string): boolean
  readonly skippedOperations: ReadonlySet<string>
  readonly tombstonesOnDelete: boolean
  readonly extendedHeadersEnabled: boolean
  readonly includeSchemaComments: boolean
  readonly schemaNameAdjustmentMode: 'none' | 'avro' | 'avro_unicode'
  readonly fieldNameAdjustmentMode: 'none' | 'avro' | 'avro_unicode'
}
