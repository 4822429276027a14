import type { RecordTemplate } from '../../api/template.ts'
import { primitiveSchema } from '../../api/schema.ts'
import type { Header } from '../../api/record.ts'
import { changeBytes, templateRecord, type ChangeEmitter, type EmitterContext } from './change-emitter.ts'
import { keepChange, type ChangeRow } from './change-row.ts'
import type { RelationSchemas } from './relation-schemas.ts'
import { UNCHANGED_TOAST, type Tuple } from '../wire/tuple.ts'

const TEXT = primitiveSchema('string')

/**
 * The fields of an update that hold no value, because PostgreSQL does not send large values that did not change: those
 * whose header is `tailrace.unchanged`, a JSON list of the fields' names. Null: all are there.
 */
export function unchangedValues(
  { row, rowCodecs }: RelationSchemas,
  newRow: Tuple,
  oldRow: Tuple | null,
): Header | null {
  let names: string[] | null = null
  for (let i = 0; i < rowCodecs.length; i++) {
    const { index } = rowCodecs[i]!
    if (newRow.starts[index] !== UNCHANGED_TOAST) continue
    if (oldRow !== null && oldRow.starts[index]! >= 0) continue
    ;(names ??= []).push(row.fields![i]!.name)
  }
  return names === null ? null : { name: 'tailrace.unchanged', schema: TEXT, value: JSON.stringify(names) }
}

/** Updates that lack values get the header, and so the general path; all others go the usual way. */
export class UnchangedValuesEmitter implements ChangeEmitter {
  readonly #usual: ChangeEmitter
  readonly #template: RecordTemplate
  readonly #schemas: RelationSchemas
  readonly #context: EmitterContext

  constructor(
    usual: ChangeEmitter,
    record: { readonly template: RecordTemplate; readonly schemas: RelationSchemas },
    context: EmitterContext,
  ) {
    this.#usual = usual
    this.#template = record.template
    this.#schemas = record.schemas
    this.#context = context
  }

  emit(row: ChangeRow): void {
    const header = unchangedValues(this.#schemas, row.newRow!, row.oldRow)
    if (header === null) {
      this.#usual.emit(row)
      return
    }
    const change = keepChange(row, this.#context.position)
    const record = templateRecord(this.#template, change)
    this.#context.batch.add([{ ...record, headers: [...record.headers, header] }], changeBytes(change))
  }
}
