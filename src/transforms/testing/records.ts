import fc from '../../../test/properties.ts'
import type { ConnectRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'

export const STRING: Schema = { type: 'string', optional: true }
export const INT32: Schema = { type: 'int32', optional: false }

/** A struct schema of these fields, in their order. */
export function structSchemaOf(fields: Readonly<Record<string, Schema>>, more: Partial<Schema> = {}): Schema {
  const list = Object.entries(fields).map(([name, schema]) => ({ name, schema }))
  return { type: 'struct', optional: false, ...more, fields: list }
}

export function record(more: Partial<ConnectRecord> = {}): ConnectRecord {
  return {
    topic: 'p.public.t',
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestamp: null,
    headers: [],
    ...more,
  }
}

/** A record whose value is a struct. */
export function structRecord(schema: Schema, values: readonly ConnectValue[]): ConnectRecord {
  return record({ valueSchema: schema, value: new ValueStruct(schema, values) })
}

/** A schemaless record. */
export function mapRecord(entries: Readonly<Record<string, ConnectValue>>): ConnectRecord {
  return record({ value: new Map(Object.entries(entries)) })
}

const leaf: fc.Arbitrary<{ schema: Schema; value: ConnectValue }> = fc
  .record({
    kind: fc.constantFrom('string', 'int32', 'int64', 'boolean'),
    isNull: fc.boolean(),
    hasDefault: fc.boolean(),
  })
  .map(({ kind, isNull, hasDefault }) => {
    const sample = { string: 'x', int32: 3, int64: 9n, boolean: true }[kind]
    const fallback = { string: 'd', int32: 7, int64: 70n, boolean: false }[kind]
    const schema: Schema = { type: kind, optional: isNull, ...(hasDefault && { default: fallback }) }
    return { schema, value: isNull ? null : sample }
  })

function struct(
  names: readonly string[],
  depth: number,
): fc.Arbitrary<{ schema: Schema; value: ConnectValue }> {
  const field =
    depth === 0 ? leaf : fc.oneof({ weight: 3, arbitrary: leaf }, struct(['a', 'b', 'n'], depth - 1))
  return fc
    .record({
      fields: fc.tuple(...names.map(() => field)),
      isOptional: fc.boolean(),
      isNull: fc.boolean(),
      name: fc.constantFrom(undefined, 'p.public.t.Value'),
    })
    .map(({ fields, isOptional, isNull, name }) => {
      const schema: Schema = {
        type: 'struct',
        optional: isOptional,
        ...(name !== undefined && { name, version: 2 }),
        fields: fields.map(({ schema }, i) => ({ name: names[i]!, schema })),
      }
      const isAbsent = isOptional && isNull && depth < 2
      return {
        schema,
        value: isAbsent
          ? null
          : new ValueStruct(
              schema,
              fields.map((f) => f.value),
            ),
      }
    })
}

/** Records as a source makes them: structs in structs with the fields a, b, c, n, nulls, defaults and tombstones. */
export const sourceRecords: fc.Arbitrary<ConnectRecord> = fc
  .record({
    key: struct(['a', 'b'], 0),
    value: fc.option(struct(['a', 'b', 'c', 'n'], 2)),
    topic: fc.constantFrom('p.public.t', 'q.other'),
    hasHeader: fc.boolean(),
  })
  .map(({ key, value, topic, hasHeader }) =>
    record({
      topic,
      keySchema: key.schema,
      key: key.value,
      valueSchema: value?.schema ?? null,
      value: value?.value ?? null,
      headers: hasHeader ? [{ name: 'h', schema: STRING, value: '1' }] : [],
    }),
  )
