import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Header } from '../api/record.ts'
import type { Schema } from '../api/schema.ts'
import { dropHeaders } from './apache/drop-headers.ts'
import { headerFrom } from './apache/header-from.ts'
import { insertHeader } from './apache/insert-header.ts'
import { plain } from './testing/both-ways.ts'
import { refuses, validates } from './testing/expectations.ts'
import { INT32, mapRecord, record, STRING, structRecord, structSchemaOf } from './testing/records.ts'

const header = (name: string): Header => ({ name, schema: STRING, value: name })
const qty: Schema = { ...INT32, optional: true, default: 7 }
const row = structRecord(structSchemaOf({ id: INT32, name: STRING, qty }, { name: 'Row' }), [1, 'one', null])
const MOVE = { fields: 'name,qty', headers: 'h1,h2', operation: 'move' }

it('DropHeaders takes all headers of the names away', () => {
  const headers = ['a', 'b', 'a', 'c'].map(header)
  const dropped = dropHeaders.create({ headers: 'a,c' }).apply(record({ headers }))!
  assert.deepEqual(dropped.headers, [header('b')])
})

const LITERALS: readonly (readonly [string, Schema | null, unknown])[] = [
  ['42', { type: 'int8', optional: false }, 42],
  ['3000000000', { type: 'int64', optional: false }, 3000000000n],
  ['true', { type: 'boolean', optional: false }, true],
  ['some text', { type: 'string', optional: false }, 'some text'],
  ['null', null, null],
]

for (const [literal, schema, value] of LITERALS) {
  it(`InsertHeader takes ${literal} for what it looks like`, () => {
    const inserted = insertHeader
      .create({ header: 'x', 'value.literal': literal })
      .apply(record({ headers: [header('a')] }))!
    assert.deepEqual(inserted.headers, [header('a'), { name: 'x', schema, value }])
  })
}

it('HeaderFrom moves fields, each into a header of its type', () => {
  const moved = headerFrom.value.create(MOVE).apply(row)!
  assert.deepEqual(moved.headers, [
    { name: 'h1', schema: STRING, value: 'one' },
    { name: 'h2', schema: qty, value: 7 },
  ])
  assert.deepEqual(moved.valueSchema, structSchemaOf({ id: INT32 }, { name: 'Row' }))
  assert.deepEqual(plain(moved.value), [['id', 1]])
})

it('HeaderFrom copies fields, from keys too, with nulls kept where told to', () => {
  const config = { ...MOVE, operation: 'copy', 'replace.null.with.default': 'false' }
  const keyed = record({ keySchema: row.valueSchema, key: row.value, headers: [header('a')] })
  const copied = headerFrom.key.create(config).apply(keyed)!
  assert.equal(copied.key, row.value)
  assert.deepEqual(
    copied.headers.map(({ name, value }) => [name, value]),
    [
      ['a', 'a'],
      ['h1', 'one'],
      ['h2', null],
    ],
  )
})

it('HeaderFrom makes headers without a schema of maps', () => {
  const moved = headerFrom.value.create(MOVE).apply(mapRecord({ name: 'x', id: 1n }))!
  assert.deepEqual(moved.value, new Map([['id', 1n]]))
  assert.deepEqual(moved.headers, [
    { name: 'h1', schema: null, value: 'x' },
    { name: 'h2', schema: null, value: null },
  ])
})

it('HeaderFrom refuses tombstones and fields that are not there', () => {
  refuses(headerFrom.value, MOVE, {
    record: record(),
    message: 'Only Map objects supported in absence of schema for [header move], found: null',
  })
  refuses(
    headerFrom.value,
    { ...MOVE, operation: 'copy' },
    {
      record: record({ valueSchema: row.valueSchema }),
      message: 'Only Struct objects supported for [header copy], found: null',
    },
  )
  refuses(
    headerFrom.value,
    { ...MOVE, fields: 'id,no' },
    { record: row, message: 'Field does not exist: no' },
  )
})

it('the transformations of headers tell what is wrong with their options', () => {
  const missing = (name: string) => `Missing required configuration "${name}" which has no default value.`
  validates(dropHeaders, {}, [missing('headers'), "Configuration 'headers' values must not be null."])
  validates(insertHeader, { header: 'x' }, [
    missing('value.literal'),
    'Invalid value null for configuration value.literal: entry must be non null',
  ])
  validates(headerFrom.key, { ...MOVE, operation: 'swap' }, [
    'Invalid value swap for configuration operation: String must be one of: move, copy',
  ])
  assert.throws(() => headerFrom.key.create({ ...MOVE, headers: 'h1' }), {
    name: 'ConfigError',
    message: "'fields' config must have the same number of elements as 'headers' config.",
  })
})
