import { ConfigError, DataError } from '../../api/errors.ts'
import { fieldIndex, type Schema } from '../../api/schema.ts'

/** One entry of `add.fields` or `add.headers`: where in the envelope it is found, and what it is called outside. */
export interface FieldReference {
  /** The envelope's struct that holds the field, or null for the envelope itself. */
  readonly struct: string | null
  readonly field: string
  readonly name: string
}

/** Where a reference leads in an envelope of one schema. */
export interface ResolvedField {
  /** Index of the struct in the envelope, or -1: the field is the envelope's own. */
  readonly parent: number
  readonly index: number
  /** The field's schema, made optional and without its default, as the added field carries it. */
  readonly schema: Schema
  readonly name: string
}

const ENVELOPE_FIELDS: ReadonlySet<string> = new Set(['op', 'ts_ms', 'ts_us', 'ts_ns'])
const TRANSACTION_FIELDS: ReadonlySet<string> = new Set(['id', 'total_order', 'data_collection_order'])

/** Parses `op,source.ts_ms,lsn:position`. Unqualified names live where Debezium puts them; see the two sets. */
export function parseFieldReferences(prefix: string, entries: readonly string[]): readonly FieldReference[] {
  return entries.map((entry) => {
    // A colon at the end is nothing, as Java splits.
    const [path = '', alias, ...more] = entry.replace(/:+$/, '').split(':')
    if (more.length > 0) throw new ConfigError('connect.config-invalid', `Unexpected field name: ${entry}`)
    const [first = '', second] = path.split('.')
    const field = second ?? first
    const struct = second === undefined ? holder(field) : first
    const plainName = second === undefined ? field : `${first}_${field}`
    return { struct, field, name: prefix + (alias ?? plainName) }
  })
}

function holder(field: string): string | null {
  if (TRANSACTION_FIELDS.has(field)) return 'transaction'
  return ENVELOPE_FIELDS.has(field) ? null : 'source'
}

/** Finds a reference in an envelope's schema; null where neither the struct nor the envelope has the field. */
export function resolveField(reference: FieldReference, envelope: Schema): ResolvedField | null {
  const parent = reference.struct === null ? -1 : fieldIndex(envelope, reference.struct)
  if (reference.struct !== null && parent < 0) {
    throw new DataError(
      'connect.data-invalid',
      `${reference.struct}.${reference.field} was asked for by add.fields or add.headers, but the record has no ${reference.struct}`,
    )
  }
  const holderSchema = parent < 0 ? envelope : envelope.fields![parent]!.schema
  const index = fieldIndex(holderSchema, reference.field)
  if (index >= 0) return found(reference, parent, index, holderSchema)
  const own = fieldIndex(envelope, reference.field)
  return own < 0 ? null : found(reference, -1, own, envelope)
}

function found(
  reference: FieldReference,
  parent: number,
  index: number,
  holderSchema: Schema,
): ResolvedField {
  const { default: _, ...basics } = holderSchema.fields![index]!.schema
  return { parent, index, schema: { ...basics, optional: true }, name: reference.name }
}
