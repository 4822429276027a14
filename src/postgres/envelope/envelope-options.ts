import type { NameAdjustmentMode } from '../../api/adjust-name.ts'
import type { Column, Relation } from '../catalog/relation.ts'
import type { ColumnRule } from '../types/column-rule.ts'
import type { ValueModes } from '../types/value-modes.ts'
import type { TopicNames } from './topic-names.ts'

/** The options that shape records. `PostgresOptions` satisfies it. */
export interface EnvelopeOptions extends ValueModes {
  readonly topicPrefix: string
  readonly topics: TopicNames
  readonly database: string
  isColumnIncluded(schema: string, table: string, column: string): boolean
  /** What becomes of a column's values and schema in rows; null: nothing. */
  columnRule(schema: string, table: string, column: Column): ColumnRule | null
  /** The places of the columns that make up the key in place of the table's own; null: its own. */
  messageKey(relation: Relation): readonly number[] | null
  readonly skippedOperations: ReadonlySet<string>
  readonly tombstonesOnDelete: boolean
  readonly skipMessagesWithoutChange: boolean
  readonly provideTransactionMetadata: boolean
  readonly extendedHeadersEnabled: boolean
  /** What becomes of a change of which no record can be made. */
  readonly processingFailureMode: 'fail' | 'warn' | 'skip' | 'ignore'
  /** Whether columns that PostgreSQL computes are in the records where it sends them, or in none. */
  readonly generatedColumns: 'as_sent' | 'omit'
  /** Whether a header names the fields whose values PostgreSQL did not send. */
  readonly unchangedValuesHeader: boolean
  readonly includeSchemaComments: boolean
  readonly schemaNameAdjustmentMode: NameAdjustmentMode
  readonly fieldNameAdjustmentMode: NameAdjustmentMode
}
