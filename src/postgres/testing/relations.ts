import { isPlainJson } from '../../api/json/json-string.ts'
import type { Column, ColumnType, Relation } from '../catalog/relation.ts'
import type { EnvelopeOptions } from '../envelope/envelope-options.ts'
import { NULL_COLUMN, Tuple, UNCHANGED_TOAST } from '../wire/tuple.ts'

/** In `tupleOf`: a value that PostgreSQL did not send. */
export const UNCHANGED = Symbol('unchanged')

export interface ColumnSketch {
  readonly name: string
  /** A type's name, with `[]` for its array. */
  readonly type: string | ColumnType
  readonly typeModifier?: number
  readonly notNull?: boolean
  readonly default?: string
  readonly isIdentity?: boolean
}

/** A relation for tests. */
export function relationOf(sketch: {
  readonly table?: string
  readonly columns: readonly ColumnSketch[]
  readonly key?: readonly string[]
  readonly replicaIdentity?: Relation['replicaIdentity']
}): Relation {
  const key = sketch.key ?? []
  const columns = sketch.columns.map((column): Column => {
    const type = typeof column.type === 'string' ? typeOf(column.type) : column.type
    return {
      name: column.name,
      typeOid: type.oid,
      typeModifier: column.typeModifier ?? -1,
      type,
      notNull: column.notNull ?? key.includes(column.name),
      defaultExpression: column.default ?? null,
      isGenerated: false,
      isIdentity: column.isIdentity ?? key.includes(column.name),
      comment: null,
    }
  })
  return {
    oid: 1,
    schema: 'public',
    table: sketch.table ?? 't',
    columns,
    replicaIdentity: sketch.replicaIdentity ?? 'd',
    keyColumns: key.map((name) => columns.findIndex((column) => column.name === name)),
  }
}

export function typeOf(name: string): ColumnType {
  const element = name.endsWith('[]') ? typeOf(name.slice(0, -2)) : null
  return {
    oid: 0,
    schema: 'pg_catalog',
    name: element === null ? name : `_${element.name}`,
    kind: name.endsWith('range') && element === null ? 'r' : 'b',
    element,
    base: null,
    enumLabels: [],
    attributes: [],
  }
}

/** A row of PostgreSQL's texts, plain where it is, as readers tell it. */
export function tupleOf(values: readonly (string | null | typeof UNCHANGED)[]): Tuple {
  const tuple = new Tuple(values.length)
  const texts = values.map((value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.alloc(0)))
  // Something before the first value, so that offsets that are taken for granted are found out.
  tuple.bytes = Buffer.concat([Buffer.from('#'), ...texts])
  let at = 1
  values.forEach((value, i) => {
    if (value === null) tuple.starts[i] = NULL_COLUMN
    else if (value === UNCHANGED) tuple.starts[i] = UNCHANGED_TOAST
    else {
      tuple.starts[i] = at
      tuple.ends[i] = at += texts[i]!.length
    }
  })
  const { buffer, byteOffset, length } = tuple.bytes
  const view = new DataView(buffer, byteOffset, length)
  if (isPlainJson(view, 0, length)) tuple.plain = view
  return tuple
}

/** The options' defaults. */
export function envelopeOptions(more: Partial<EnvelopeOptions> = {}): EnvelopeOptions {
  return {
    topicPrefix: 'p',
    topics: {
      table: (schema, table) => `p.${schema}.${table}`,
      keyField: () => null,
      transactions: 'p.transaction',
      heartbeats: '__debezium-heartbeat.p',
    },
    database: 'd',
    isColumnIncluded: () => true,
    columnRule: () => null,
    messageKey: () => null,
    skippedOperations: new Set(['t']),
    tombstonesOnDelete: true,
    skipMessagesWithoutChange: false,
    provideTransactionMetadata: false,
    extendedHeadersEnabled: true,
    includeSchemaComments: false,
    schemaNameAdjustmentMode: 'none',
    fieldNameAdjustmentMode: 'none',
    decimalHandlingMode: 'precise',
    moneyFractionDigits: 2,
    timePrecisionMode: 'adaptive',
    intervalHandlingMode: 'numeric',
    binaryHandlingMode: 'bytes',
    hstoreHandlingMode: 'json',
    numericForm: 'reference',
    timeForm: 'reference',
    jsonForm: 'reference',
    hstoreForm: 'reference',
    compositeForm: 'reference',
    arrayForm: 'reference',
    convertingFailureMode: 'warn',
    processingFailureMode: 'fail',
    generatedColumns: 'as_sent',
    unchangedValuesHeader: false,
    includeUnknownDatatypes: false,
    unavailableValuePlaceholder: Buffer.from('__debezium_unavailable_value'),
    ...more,
  }
}
