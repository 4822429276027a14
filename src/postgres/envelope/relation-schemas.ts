import { ConfigError } from '../../api/errors.ts'
import { optional, primitiveSchema, structSchema, type Field, type Schema } from '../../api/schema.ts'
import type { ConstantTemplate } from '../../api/template.ts'
import type { Column, Relation } from '../catalog/relation.ts'
import { createColumnCodec, type ColumnCodec, type UnrepresentableReport } from '../types/column-codec.ts'
import { applyColumnRule } from '../types/column-rule.ts'
import { adjustFieldName, adjustSchemaName } from '../../api/adjust-name.ts'
import type { EnvelopeOptions } from './envelope-options.ts'
import { SOURCE_FIELDS, TRANSACTION_FIELDS } from './slots.ts'

/** Everything of a relation version's records that is the same for all rows. */
export interface RelationSchemas {
  readonly topic: string
  /** Null: the records have no key. */
  readonly key: Schema | null
  /** Parallel to the key's fields. */
  readonly keyCodecs: readonly ColumnCodec[]
  /** The key's last field, where the topic is shared; null: the key is made of columns alone. */
  readonly keyConstant: ConstantTemplate | null
  readonly row: Schema
  /** Parallel to the row's fields. */
  readonly rowCodecs: readonly ColumnCodec[]
  readonly envelope: Schema
  /** The columns of the row whose values a mask, a hash or a cut changes. */
  readonly alteredColumns: ReadonlySet<number>
  /** Columns that were to be masked or hashed, but are no text: they are written as they are. */
  readonly unruledColumns: readonly string[]
}

export const SOURCE_SCHEMA = structSchema(SOURCE_FIELDS, {
  name: 'io.debezium.connector.postgresql.Source',
  version: 1,
})
export const TRANSACTION_SCHEMA = structSchema(TRANSACTION_FIELDS, {
  name: 'event.block',
  version: 1,
  optional: true,
})
const TEXT = primitiveSchema('string')
export const TIMESTAMP_SCHEMA = primitiveSchema('int64', { optional: true })

/** @param report is told of values that become null because their schema cannot hold them */
export function relationSchemas(
  relation: Relation,
  options: EnvelopeOptions,
  report: UnrepresentableReport | null = null,
): RelationSchemas {
  const { schema, table } = relation
  const topic = options.topics.table(schema, table)
  const keyField = options.topics.keyField(schema, table)
  const adjust = (name: string): string => adjustSchemaName(name, options.schemaNameAdjustmentMode)
  const codecs = relation.columns.map((column, index): ColumnCodec | null => {
    const codec = createColumnCodec(column, index, options)
    return codec === null ? null : { ...codec, table: `${schema}.${table}`, report }
  })
  const keyCodecs = relation.keyColumns.map((index) => codecs[index]!).filter((codec) => codec !== null)
  const rowCodecs = codecs.filter(
    (codec): codec is ColumnCodec =>
      codec !== null &&
      options.isColumnIncluded(schema, table, codec.name) &&
      !(relation.columns[codec.index]!.isGenerated && options.generatedColumns === 'omit'),
  )
  const alteredColumns = new Set<number>()
  const unruledColumns: string[] = []
  const ruledCodecs = rowCodecs.map((codec) => {
    const column = relation.columns[codec.index]!
    const rule = options.columnRule(schema, table, column)
    if (rule === null) return codec
    const ruled = applyColumnRule(codec, column, rule)
    if (ruled.value !== codec.value) alteredColumns.add(codec.index)
    const isToHide = rule.kind === 'mask' || rule.kind === 'hash'
    if (isToHide && ruled.value === codec.value) unruledColumns.push(column.name)
    return ruled
  })
  const fields = (all: readonly ColumnCodec[]): Field[] =>
    all.map((codec) => fieldOf(codec, relation.columns[codec.index]!, options))
  refuseEqualNames(fields(rowCodecs), rowCodecs)
  refuseEqualNames(fields(keyCodecs), keyCodecs)
  const keyFields = [
    ...fields(keyCodecs),
    ...(keyField === null ? [] : [{ name: keyField.name, schema: TEXT }]),
  ]
  const row = structSchema(fields(ruledCodecs), { name: adjust(`${topic}.Value`), optional: true })
  return {
    topic,
    key: keyFields.length === 0 ? null : structSchema(keyFields, { name: adjust(`${topic}.Key`) }),
    keyConstant: keyField === null ? null : { kind: 'constant', schema: TEXT, value: keyField.value },
    keyCodecs,
    row,
    rowCodecs: ruledCodecs,
    envelope: envelopeSchema(adjust(`${topic}.Envelope`), row),
    alteredColumns,
    unruledColumns,
  }
}

function fieldOf(codec: ColumnCodec, column: Column, options: EnvelopeOptions): Field {
  const name = adjustFieldName(codec.name, options.fieldNameAdjustmentMode)
  const isCommented = options.includeSchemaComments && column.comment !== null
  return { name, schema: isCommented ? { ...codec.schema, doc: column.comment } : codec.schema }
}

/** Adjusted names may meet: one of the values would take the place of the other. */
function refuseEqualNames(fields: readonly Field[], codecs: readonly ColumnCodec[]): void {
  const seen = new Map<string, ColumnCodec>()
  for (const [i, { name }] of fields.entries()) {
    const codec = codecs[i]!
    const other = seen.get(name)
    if (other !== undefined) {
      throw new ConfigError(
        'connect.config-invalid',
        `Cannot create field because of field name duplication ${name}: field.name.adjustment.mode gives it to the columns ` +
          `"${other.name}" and "${codec.name}" of ${codec.table}. Leave one of them out (column.exclude.list), or set avro_unicode`,
      )
    }
    seen.set(name, codec)
  }
}

function envelopeSchema(name: string, row: Schema): Schema {
  return structSchema(
    [
      { name: 'before', schema: optional(row) },
      { name: 'after', schema: optional(row) },
      { name: 'source', schema: SOURCE_SCHEMA },
      { name: 'transaction', schema: TRANSACTION_SCHEMA },
      { name: 'op', schema: TEXT },
      { name: 'ts_ms', schema: TIMESTAMP_SCHEMA },
      { name: 'ts_us', schema: TIMESTAMP_SCHEMA },
      { name: 'ts_ns', schema: TIMESTAMP_SCHEMA },
    ],
    { name, version: 2 },
  )
}
