import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectRecord } from '../../api/record.ts'
import { structSchema, type Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { RecordTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { extractNewRecordState } from './extract-new-record-state.ts'
import { fill } from '../testing/both-ways.ts'

const STRING: Schema = { type: 'string', optional: true }
const INT64: Schema = { type: 'int64', optional: true }
const row = structSchema(
  [
    { name: 'id', schema: { type: 'int32', optional: false } },
    { name: 'name', schema: STRING },
    { name: 'qty', schema: { type: 'int32', optional: true, default: 7 } },
  ],
  { name: 'p.public.t.Value', optional: true },
)
const source = structSchema([
  { name: 'lsn', schema: INT64 },
  { name: 'table', schema: { type: 'string', optional: false } },
])
const transaction = structSchema([{ name: 'id', schema: STRING }], { optional: true })
const envelope = structSchema(
  [
    { name: 'before', schema: row },
    { name: 'after', schema: row },
    { name: 'source', schema: source },
    { name: 'transaction', schema: transaction },
    { name: 'op', schema: { type: 'string', optional: false } },
    { name: 'ts_ms', schema: INT64 },
  ],
  { name: 'p.public.t.Envelope' },
)
const context = { name: 'context', schema: STRING, value: 'c' }

type Row = readonly [number, string | null, number | null] | null

function change(op: string, before: Row, after: Row): ConnectRecord {
  const rowOf = (values: Row): ConnectValue => values && new ValueStruct(row, values)
  const values = [rowOf(before), rowOf(after), new ValueStruct(source, [5n, 't']), null, op, 100n]
  return record(envelope, new ValueStruct(envelope, values))
}

function record(valueSchema: Schema | null, value: ConnectValue): ConnectRecord {
  return {
    topic: 'p.public.t',
    partition: null,
    keySchema: STRING,
    key: 'k',
    valueSchema,
    value,
    timestamp: null,
    headers: [context],
  }
}

/** The template of all records that look like this one: constants where the source knows them, slots for columns. */
function templateOf(value: ConnectValue, schema: Schema): Template {
  if (isStruct(value)) {
    const fields = schema.fields!.map((field, i) => templateOf(value.at(i), field.schema))
    return { kind: 'struct', schema, fields }
  }
  const isColumn = schema.type === 'int64' || schema === row.fields![1]!.schema || schema.default === 7
  return isColumn ? { kind: 'slot', schema, slot: { value } } : { kind: 'constant', schema, value }
}

/** A value as plain data, in field order. */
function plain(value: ConnectValue): unknown {
  if (!isStruct(value)) return value
  return value.schema.fields!.map((field, i) => [field.name, plain(value.at(i))])
}

function plainRecord(record: ConnectRecord | null): unknown {
  if (record === null) return null
  const headers = record.headers.map((header) => [header.name, header.value])
  return { topic: record.topic, schema: record.valueSchema, value: plain(record.value), headers }
}

function filled(template: RecordTemplate | 'dropped' | null): unknown {
  if (template === null) return 'general'
  if (template === 'dropped') return null
  return {
    topic: template.topic,
    schema: template.value?.schema ?? null,
    value: template.value && plain(fill(template.value)),
    headers: template.headers.map((header) => [header.name, fill(header.value)]),
  }
}

const MODES = ['drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone', 'delete-to-tombstone']
const CHANGES: Record<string, ConnectRecord> = {
  insert: change('c', null, [1, 'one', null]),
  update: change('u', [1, 'one', 1], [1, null, 2]),
  delete: change('d', [1, null, null], null),
  truncate: change('t', null, null),
  tombstone: record(null, null),
}

describe('ExtractNewRecordState', () => {
  for (const mode of MODES) {
    for (const [name, original] of Object.entries(CHANGES)) {
      it(`gives the same from a template as from a record: ${mode}, ${name}`, () => {
        const config = { 'delete.tombstone.handling.mode': mode, 'add.fields': 'op,ts_ms,lsn:at,id' }
        const unwrap = extractNewRecordState.create(config)
        const template: RecordTemplate = {
          topic: original.topic,
          key: null,
          value: original.valueSchema && templateOf(original.value, original.valueSchema),
          headers: [{ name: 'context', value: { kind: 'constant', schema: STRING, value: 'c' } }],
        }
        assert.deepEqual(filled(unwrap.compile!(template)), plainRecord(unwrap.apply(original)))
      })
    }
  }

  const apply = (config: Record<string, string>, name: keyof typeof CHANGES) =>
    extractNewRecordState.create(config).apply(CHANGES[name]!)

  it('appends added fields after the columns, null where a struct is absent', () => {
    const unwrapped = apply({ 'add.fields': 'op,source.table,id', 'add.fields.prefix': '_' }, 'insert')
    assert.deepEqual(plain(unwrapped!.value), [
      ['id', 1],
      ['name', 'one'],
      ['qty', null],
      ['_op', 'c'],
      ['_source_table', 't'],
      ['_id', null],
    ])
  })

  it('keeps the schema of a deleted row by default, so that converters write a null', () => {
    const deleted = apply({}, 'delete')
    assert.equal(deleted!.value, null)
    assert.equal(deleted!.valueSchema, row)
  })

  it('writes defaults in place of nulls when it rewrites', () => {
    const deleted = apply({ 'delete.tombstone.handling.mode': 'rewrite' }, 'delete')
    assert.deepEqual(plain(deleted!.value), [
      ['id', 1],
      ['name', null],
      ['qty', 7],
      ['__deleted', 'true'],
    ])
  })

  it('adds headers behind those that are there, and to a tombstone those of its delete too', () => {
    const unwrap = extractNewRecordState.create({
      'delete.tombstone.handling.mode': 'rewrite-with-tombstone',
      'add.headers': 'op,source.table',
    })
    const headers = (record: ConnectRecord | null) => record!.headers.map(({ name }) => name)
    assert.deepEqual(headers(unwrap.apply(CHANGES['delete']!)), ['context', '__op', '__source_table'])
    assert.deepEqual(headers(unwrap.apply(CHANGES['tombstone']!)), [
      'context',
      '__op',
      '__source_table',
      '__op',
    ])
  })

  it('routes by a column, and leaves records that are no envelope alone', () => {
    assert.equal(apply({ 'route.by.field': 'name' }, 'insert')!.topic, 'one')
    const other = record(row, new ValueStruct(row, [1, 'x', 1]))
    assert.equal(extractNewRecordState.create({}).apply(other), other)
  })

  it('drops the columns that a header lists, required ones only when told to', () => {
    const listed = { name: 'drop', schema: null, value: ['id', 'name'] }
    const original = { ...CHANGES['insert']!, headers: [listed] }
    const fields = (config: Record<string, string>) =>
      extractNewRecordState
        .create({ 'drop.fields.header.name': 'drop', ...config })
        .apply(original)!
        .valueSchema!.fields!.map(({ name }) => name)
    assert.deepEqual(fields({}), ['id', 'qty'])
    assert.deepEqual(fields({ 'drop.fields.keep.schema.compatible': 'false' }), ['qty'])
  })

  it('refuses an unknown mode by name', () => {
    assert.throws(
      () => extractNewRecordState.create({ 'delete.tombstone.handling.mode': 'none' }),
      /Invalid value none for configuration delete.tombstone.handling.mode: Value must be one of drop, tombstone/,
    )
  })
})
