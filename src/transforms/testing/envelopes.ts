import type { ConnectRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { INT32, record, structSchemaOf } from './records.ts'

const KEY = structSchemaOf({ id: INT32 }, { name: 'p.public.t.Key' })

/** A change of a table with these columns: its rows before and after, as they are in the columns' order. */
export function change(
  columns: Readonly<Record<string, Schema>>,
  op: string,
  rows: { readonly before?: readonly ConnectValue[]; readonly after?: readonly ConnectValue[] },
): ConnectRecord {
  const row = structSchemaOf(columns, { name: 'p.public.t.Value', optional: true })
  const envelope = structSchemaOf(
    {
      before: row,
      after: row,
      op: { type: 'string', optional: false },
      ts_ms: { type: 'int64', optional: true },
    },
    { name: 'p.public.t.Envelope', version: 1 },
  )
  const { before, after } = rows
  return record({
    keySchema: KEY,
    key: new ValueStruct(KEY, [1]),
    valueSchema: envelope,
    value: new ValueStruct(envelope, [
      before === undefined ? null : new ValueStruct(row, before),
      after === undefined ? null : new ValueStruct(row, after),
      op,
      100n,
    ]),
  })
}

/** The tombstone after a delete. */
export function tombstone(): ConnectRecord {
  return record({ keySchema: KEY, key: new ValueStruct(KEY, [1]) })
}
