import type { SchemaAndValue } from '../../api/plugin.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import type { DocumentBytes } from '../documents/document-writer.ts'
import { fieldOf } from '../documents/record-field.ts'

/** What an envelope says of a row. */
export interface Change {
  /** The letter of `op` as a byte; 0: there is none. */
  readonly op: number
  /** The digits of `source.lsn`. */
  readonly lsn: string | null
  /** `source.sequence`: the text of a list of the last commit before this change's own and its LSN; null: none. */
  readonly sequence: string | null
  /** The row after the change, as JSON. */
  readonly row: DocumentBytes | null
  readonly rowSchema: Schema | null
  /** Fields of the row whose values were not sent. */
  readonly unchanged: readonly string[] | null
  /** A delete of a row that comes again under another key. */
  readonly isMoved: boolean
}

/** The parts of an envelope that was converted. What is missing or of another type is null or 0. */
export function changeOf({ value, valueSchema }: SinkRecord): {
  readonly op: number
  readonly lsn: string | null
  readonly sequence: string | null
  readonly row: SchemaAndValue | null
} {
  const envelope = { schema: valueSchema, value }
  const op = fieldOf(envelope, 'op').value
  const source = fieldOf(envelope, 'source')
  const lsn = fieldOf(source, 'lsn').value
  const sequence = fieldOf(source, 'sequence').value
  const row = fieldOf(envelope, 'after')
  return {
    op: typeof op === 'string' && op.length === 1 ? op.charCodeAt(0) : 0,
    lsn: typeof lsn === 'bigint' || typeof lsn === 'number' ? String(lsn) : null,
    sequence: typeof sequence === 'string' ? sequence : null,
    row: row.value === null ? null : row,
  }
}
