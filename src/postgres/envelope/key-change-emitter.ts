import type { SourceRecord } from '../../api/record.ts'
import type { Relation } from '../catalog/relation.ts'
import type { Tuple } from '../wire/tuple.ts'
import { changeBytes, templateRecord, type ChangeEmitter, type EmitterContext } from './change-emitter.ts'
import { keepChange, templateValue, type ChangeRow, type KeptChange } from './change-row.ts'
import type { EnvelopeOptions } from './envelope-options.ts'
import type { RecordTemplates } from './record-templates.ts'
import type { OldTuple } from './relation-emitter.ts'
import type { RelationSchemas } from './relation-schemas.ts'
import { unchangedValues } from './unchanged-values.ts'

/**
 * An update that changes the key: the old key is deleted, with a tombstone, and the row created under the new one. Headers
 * of their own tell what became of what, so these rare records take the general path.
 */
export class KeyChangeEmitter implements ChangeEmitter {
  readonly #templates: RecordTemplates
  readonly #options: EnvelopeOptions
  readonly #context: EmitterContext
  readonly #schemas: RelationSchemas

  constructor(
    records: { readonly templates: RecordTemplates; readonly schemas: RelationSchemas },
    options: EnvelopeOptions,
    context: EmitterContext,
  ) {
    this.#templates = records.templates
    this.#schemas = records.schemas
    this.#options = options
    this.#context = context
  }

  emit(row: ChangeRow): void {
    const { skippedOperations, tombstonesOnDelete } = this.#options
    if (skippedOperations.has('u')) return
    let change = this.#countedChange(row)
    const templates = this.#templates
    const records: SourceRecord[] = []
    if (!skippedOperations.has('d')) {
      const removal = templateRecord(templates.change({ op: 'd', before: true, after: false }), change)
      records.push(this.#withKeyHeader(removal, 'newkey', change))
      if (tombstonesOnDelete) {
        records.push(this.#withKeyHeader(templateRecord(templates.tombstone(), change), 'newkey', change))
      }
    }
    if (!skippedOperations.has('c')) {
      if (records.length > 0) change = this.#countedChange(row)
      const creation = templateRecord(templates.change({ op: 'c', before: false, after: true }), change)
      const created = this.#withKeyHeader(creation, 'oldkey', change)
      const unchanged = this.#options.unchangedValuesHeader
        ? unchangedValues(this.#schemas, row.newRow!, row.oldRow)
        : null
      records.push(unchanged === null ? created : { ...created, headers: [...created.headers, unchanged] })
    }
    this.#context.batch.add(records, changeBytes(change))
  }

  #countedChange(row: ChangeRow): KeptChange {
    this.#context.counter?.count()
    return keepChange(row, this.#context.position)
  }

  #withKeyHeader(record: SourceRecord, name: 'newkey' | 'oldkey', change: KeptChange): SourceRecord {
    const key = this.#templates.key(name === 'newkey' ? 'new' : 'old')!
    const header = { name: `__debezium.${name}`, schema: key.schema, value: templateValue(key, change) }
    return { ...record, headers: [header, ...record.headers] }
  }
}

/** Whether an update moved the row to another key, as far as the replica identity shows the old one. */
export function isKeyChanged(relation: Relation, before: OldTuple, after: Tuple): boolean {
  return relation.keyColumns.some(
    (index) =>
      (before.kind === 'full' || relation.columns[index]!.isIdentity) &&
      isDifferent(before.tuple, after, index),
  )
}

/** Whether PostgreSQL sent another value of a column. */
export function isDifferent(before: Tuple, after: Tuple, index: number): boolean {
  const start = after.starts[index]!
  // Null or unchanged: unchanged is not different, and null only from another null.
  if (start < 0) return start === before.starts[index] ? false : !after.isUnchangedToast(index)
  const oldStart = before.starts[index]!
  if (oldStart < 0) return true
  return before.bytes.compare(after.bytes, start, after.ends[index], oldStart, before.ends[index]) !== 0
}
