import assert from 'node:assert/strict'
import { it } from 'node:test'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { SinkRecord } from '../../api/record.ts'
import { insertField } from './insert-field.ts'
import { refuses, valueAfter } from '../testing/expectations.ts'
import { INT32, mapRecord, record, STRING, structRecord, structSchemaOf } from '../testing/records.ts'

const WHERE = {
  'topic.field': '_t',
  'partition.field': '_p!',
  'offset.field': '_o?',
  'timestamp.field': '_ts',
}
const STATIC = { 'static.field': 's', 'static.value': 'v' }
const row = structRecord(structSchemaOf({ id: { ...INT32, optional: true, default: 7 } }, { name: 'Row' }), [
  null,
])
const origin = { topic: 'o', partition: 3, offset: 12n }
const sunk = (more: object): SinkRecord => ({ ...row, ...more, partition: 3, timestamp: 1000, origin })

it('InsertField adds topic, partition, offset, time and a constant, in this order', () => {
  const inserted = insertField.value.create({ ...WHERE, ...STATIC }).apply(sunk({}))!
  assert.deepEqual(inserted.valueSchema, {
    type: 'struct',
    optional: false,
    name: 'Row',
    fields: [
      ...row.valueSchema!.fields!,
      { name: '_t', schema: STRING },
      { name: '_p', schema: INT32 },
      { name: '_o', schema: { type: 'int64', optional: true } },
      { name: '_ts', schema: { type: 'int64', optional: true, name: LOGICAL.timestamp, version: 1 } },
      { name: 's', schema: STRING },
    ],
  })
  assert.deepEqual(valueAfter(insertField.value, { ...WHERE, ...STATIC }, sunk({})), [
    ['id', 7],
    ['_t', 'p.public.t'],
    ['_p', 3],
    ['_o', 12n],
    ['_ts', new Date(1000)],
    ['s', 'v'],
  ])
})

it('InsertField puts the time into a map as a number, and nothing where the record has none', () => {
  const map = sunk(mapRecord({ a: 1n }))
  assert.deepEqual(
    valueAfter(insertField.value, WHERE, map),
    new Map<string, unknown>([
      ['a', 1n],
      ['_t', 'p.public.t'],
      ['_p', 3n],
      ['_o', 12n],
      ['_ts', 1000n],
    ]),
  )
  assert.deepEqual(
    valueAfter(insertField.value, { 'timestamp.field': 'ts', 'partition.field': 'p' }, mapRecord({})),
    new Map(),
  )
})

it('InsertField leaves nulls alone and keeps them where told to', () => {
  const tombstone = record({ valueSchema: row.valueSchema })
  assert.equal(insertField.value.create(STATIC).apply(tombstone), tombstone)
  const kept = valueAfter(insertField.value, { ...STATIC, 'replace.null.with.default': 'false' }, row)
  assert.deepEqual(kept, [
    ['id', null],
    ['s', 'v'],
  ])
})

it('InsertField refuses offsets of source records and names that are there already', () => {
  refuses(
    insertField.value,
    { 'offset.field': 'o' },
    {
      record: row,
      message:
        'Only SinkRecord supported for [field insertion], found: org.apache.kafka.connect.source.SourceRecord',
    },
  )
  refuses(
    insertField.value,
    { 'topic.field': 'id' },
    {
      record: row,
      message: 'Cannot create field because of field name duplication id',
    },
  )
})

it('InsertField needs something to insert', () => {
  assert.throws(() => insertField.key.create({}), {
    name: 'ConfigError',
    message: 'No field insertion configured',
  })
  assert.throws(
    () => insertField.key.create({ 'static.field': 's' }),
    /No value specified for static field: s/,
  )
})
