import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ValueStruct } from '../api/struct.ts'
import type { ConnectValue } from '../api/value.ts'
import { flatten } from './apache/flatten.ts'
import { hoistField } from './apache/hoist-field.ts'
import { setSchemaMetadata } from './apache/set-schema-metadata.ts'
import { plain } from './testing/both-ways.ts'
import { refuses, valueAfter } from './testing/expectations.ts'
import { INT32, mapRecord, record, STRING, structRecord, structSchemaOf } from './testing/records.ts'

const address = structSchemaOf({ street: STRING, zip: { ...INT32, default: 1000 } }, { optional: true })
const tags = { type: 'array', optional: false, valueSchema: STRING } as const
const person = structSchemaOf({ id: INT32, address, tags }, { name: 'Person', version: 2, optional: true })
const here = structRecord(person, [1, new ValueStruct(address, ['Main', 5]), ['a']])
const nowhere = structRecord(person, [1, null, []])

it('Flatten names leaves by their way, optional where a struct on the way is', () => {
  const flat = flatten.value.create({}).apply(structRecord({ ...person, optional: false }, [1, null, []]))!
  assert.deepEqual(
    flat.valueSchema,
    structSchemaOf(
      {
        id: INT32,
        'address.street': STRING,
        'address.zip': { ...INT32, optional: true, default: 1000 },
        tags,
      },
      { name: 'Person', version: 2 },
    ),
  )
})

it('Flatten keeps values, and has nulls for those of structs that are absent', () => {
  assert.deepEqual(valueAfter(flatten.value, { delimiter: '_' }, here), [
    ['id', 1],
    ['address_street', 'Main'],
    ['address_zip', 5],
    ['tags', ['a']],
  ])
  assert.deepEqual(valueAfter(flatten.value, { delimiter: '_' }, nowhere), [
    ['id', 1],
    ['address_street', null],
    ['address_zip', null],
    ['tags', []],
  ])
})

it('Flatten works on maps, and leaves nulls alone', () => {
  const nested = mapRecord({
    a: new Map<string, ConnectValue>([['b', new Map([['c', 1n]])]]),
    d: null,
    e: [2n],
  })
  assert.deepEqual(
    valueAfter(flatten.value, {}, nested),
    new Map<string, unknown>([
      ['a.b.c', 1n],
      ['d', null],
      ['e', [2n]],
    ]),
  )
  const tombstone = record({ valueSchema: person })
  assert.equal(flatten.value.create({}).apply(tombstone), tombstone)
})

it('Flatten refuses maps in structs, and leaves that would have one name', () => {
  const map = { type: 'map', optional: false, keySchema: STRING, valueSchema: STRING } as const
  refuses(
    flatten.value,
    {},
    {
      record: structRecord(structSchemaOf({ a: structSchemaOf({ m: map }) }), [null]),
      message: 'Flatten transformation does not support MAP for record with schemas (for field a.m).',
    },
  )
  refuses(
    flatten.value,
    {},
    {
      record: structRecord(structSchemaOf({ 'a.b': STRING, a: structSchemaOf({ b: STRING }) }), [null, null]),
      message: 'Cannot create field because of field name duplication a.b',
    },
  )
})

it('HoistField wraps anything, nulls included', () => {
  const hoisted = hoistField.value.create({ field: 'v' }).apply(record({ valueSchema: INT32, value: 3 }))!
  assert.deepEqual(hoisted.valueSchema, structSchemaOf({ v: INT32 }))
  assert.deepEqual(plain(hoisted.value), [['v', 3]])
  assert.deepEqual(valueAfter(hoistField.value, { field: 'v' }, record()), new Map([['v', null]]))
  const { key } = hoistField.key.create({ field: 'k' }).apply(record({ key: 'x' }))!
  assert.deepEqual(key, new Map([['k', 'x']]))
})

it('SetSchemaMetadata changes name and version, and nothing else', () => {
  const both = setSchemaMetadata.value.create({ 'schema.name': 'N', 'schema.version': '5' }).apply(here)!
  assert.deepEqual(both.valueSchema, { ...person, name: 'N', version: 5 })
  assert.deepEqual(plain(both.value), plain(here.value))
  const named = setSchemaMetadata.key
    .create({ 'schema.name': 'K' })
    .apply(record({ keySchema: INT32, key: 1 }))!
  assert.deepEqual([named.keySchema, named.key], [{ ...INT32, name: 'K' }, 1])
})

it('SetSchemaMetadata writes defaults for nulls unless told not to', () => {
  const row = structRecord(structSchemaOf({ a: { ...STRING, default: 'd' } }), [null])
  assert.deepEqual(valueAfter(setSchemaMetadata.value, { 'schema.version': '1' }, row), [['a', 'd']])
  const kept = { 'schema.version': '1', 'replace.null.with.default': 'false' }
  assert.deepEqual(valueAfter(setSchemaMetadata.value, kept, row), [['a', null]])
})

it('SetSchemaMetadata needs something to set, and a schema', () => {
  assert.throws(() => setSchemaMetadata.value.create({}), {
    name: 'ConfigError',
    message: 'Neither schema name nor version configured',
  })
  const config = { 'schema.name': 'N' }
  refuses(setSchemaMetadata.value, config, {
    record: mapRecord({}),
    message: 'Schema required for [updating schema metadata]',
  })
  const tombstone = record()
  assert.equal(setSchemaMetadata.value.create(config).apply(tombstone), tombstone)
})
