import { primitiveSchema, type Field } from '../../api/schema.ts'
import type { ColumnCodec } from '../types/column-codec.ts'

/** What this room puts into the slots of its templates. */
export type Slot = ColumnSlot | PositionSlot

/** A column of the row. `new`: of the row after the change; `old`: of what the replica identity sent. */
export interface ColumnSlot {
  readonly kind: 'column'
  readonly side: 'new' | 'old'
  readonly codec: ColumnCodec
}

/** Something of the `ChangePosition`. */
export interface PositionSlot {
  readonly kind: 'position'
  readonly field: PositionField
}

export const POSITION_FIELDS = [
  'ts_ms',
  'ts_us',
  'ts_ns',
  'source.ts_ms',
  'source.ts_us',
  'source.ts_ns',
  'source.snapshot',
  'source.sequence',
  'source.txId',
  'source.lsn',
  'source.xmin',
  'transaction.id',
  'transaction.total_order',
  'transaction.data_collection_order',
] as const
export type PositionField = (typeof POSITION_FIELDS)[number]

const TEXT = primitiveSchema('string')
const OPTIONAL_TEXT = primitiveSchema('string', { optional: true })
const INT64 = primitiveSchema('int64')
const OPTIONAL_INT64 = primitiveSchema('int64', { optional: true })

/** The fields of `source`, in order. */
export const SOURCE_FIELDS: readonly Field[] = [
  { name: 'version', schema: TEXT },
  { name: 'connector', schema: TEXT },
  { name: 'name', schema: TEXT },
  { name: 'ts_ms', schema: INT64 },
  {
    name: 'snapshot',
    schema: primitiveSchema('string', {
      optional: true,
      name: 'io.debezium.data.Enum',
      version: 1,
      parameters: {
        allowed: 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental',
      },
      default: 'false',
    }),
  },
  { name: 'db', schema: TEXT },
  { name: 'sequence', schema: OPTIONAL_TEXT },
  { name: 'ts_us', schema: OPTIONAL_INT64 },
  { name: 'ts_ns', schema: OPTIONAL_INT64 },
  { name: 'schema', schema: TEXT },
  { name: 'table', schema: TEXT },
  { name: 'txId', schema: OPTIONAL_INT64 },
  { name: 'lsn', schema: OPTIONAL_INT64 },
  { name: 'xmin', schema: OPTIONAL_INT64 },
  { name: 'origin', schema: OPTIONAL_TEXT },
  { name: 'origin_lsn', schema: OPTIONAL_INT64 },
]

/** The fields of `transaction`, which is null without `provide.transaction.metadata`. */
export const TRANSACTION_FIELDS: readonly Field[] = [
  { name: 'id', schema: TEXT },
  { name: 'total_order', schema: INT64 },
  { name: 'data_collection_order', schema: INT64 },
]
