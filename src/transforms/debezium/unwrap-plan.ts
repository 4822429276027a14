import { fieldIndex, type Field, type Schema } from '../../api/schema.ts'
import { resolveField, type FieldReference, type ResolvedField } from './field-reference.ts'

/** Everything about unwrapping that depends on the envelope's schema alone: computed once per relation version. */
export interface UnwrapPlan {
  /** Indexes of the two rows in the envelope. */
  readonly before: number
  readonly after: number
  readonly afterSchema: Schema
  /** The row's columns, `__deleted` where the mode asks for it, then the added fields. */
  readonly rowSchema: Schema
  /** A name that two fields of the row would have, for which there is no row. */
  readonly nameTwice: string | null
  readonly marksDeleted: boolean
  readonly fields: readonly ResolvedField[]
  readonly headers: readonly ResolvedField[]
}

export function planUnwrap(
  envelope: Schema,
  wanted: {
    readonly fields: readonly FieldReference[]
    readonly headers: readonly FieldReference[]
    readonly marksDeleted: boolean
  },
): UnwrapPlan {
  const before = fieldIndex(envelope, 'before')
  const after = fieldIndex(envelope, 'after')
  const fields = resolveAll(wanted.fields, envelope)
  const afterSchema = envelope.fields![after]!.schema
  const rowFields: Field[] = [...afterSchema.fields!]
  if (wanted.marksDeleted) rowFields.push({ name: '__deleted', schema: { type: 'string', optional: true } })
  for (const { name, schema } of fields) rowFields.push({ name, schema })
  const names = rowFields.map(({ name }) => name)
  const { default: _, ...basics } = afterSchema
  return {
    before,
    after,
    afterSchema,
    rowSchema: { ...basics, optional: false, fields: rowFields },
    nameTwice: names.find((name, index) => names.indexOf(name) < index) ?? null,
    marksDeleted: wanted.marksDeleted,
    fields,
    headers: resolveAll(wanted.headers, envelope),
  }
}

function resolveAll(references: readonly FieldReference[], envelope: Schema): readonly ResolvedField[] {
  return references.map((reference) => resolveField(reference, envelope)).filter((field) => field !== null)
}
