import type { SchemaAndValue } from '../../api/plugin.ts'
import type { SinkRecord } from '../../api/record.ts'
import { fieldIndex, type Schema } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { DocumentBytes } from '../document-writer.ts'

/** What an envelope says of a row. */
export interface Change {
  /** The letter of `op` as a byte; 0: there is none. */
  readonly op: number
  /** The digits of `source.lsn`. */
  readonly lsn: string | null
  /** The row after the change, as JSON. */
  readonly row: DocumentBytes | null
  readonly rowSchema: Schema | null
  /** Fields of the row whose values were not sent. */
  readonly unchanged: readonly string[] | null
}

/** The parts of an envelope that was converted. What is missing or of another type is null or 0. */
export function changeOf({ value, valueSchema }: SinkRecord): {
  readonly op: number
  readonly lsn: string | null
  readonly row: SchemaAndValue | null
} {
  const envelope = { schema: valueSchema, value }
  const op = field(envelope, 'op').value
  const lsn = field(field(envelope, 'source'), 'lsn').value
  const row = field(envelope, 'after')
  return {
    op: typeof op === 'string' && op.length === 1 ? op.charCodeAt(0) : 0,
    lsn: typeof lsn === 'bigint' || typeof lsn === 'number' ? String(lsn) : null,
    row: row.value === null ? null : row,
  }
}

const NOTHING: SchemaAndValue = { schema: null, value: null }

function field({ value, schema }: SchemaAndValue, name: string): SchemaAndValue {
  if (isStruct(value)) {
    const index = fieldIndex(value.schema, name)
    return index < 0 ? NOTHING : { schema: value.schema.fields![index]!.schema, value: value.at(index) }
  }
  if (!(value instanceof Map)) return NOTHING
  const fields = value as ReadonlyMap<ConnectValue, ConnectValue>
  return { schema: schema?.valueSchema ?? null, value: fields.get(name) ?? null }
}
