import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from '../../api/decimal.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { primitiveSchema, structSchema, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { javaHash } from './java-hash.ts'
import { partitionRouting } from './partition-routing.ts'

/** What `hashCode` of Java answers. */
const HASHES: readonly (readonly [type: Schema['type'], value: ConnectValue, hash: number])[] = [
  ['string', 'products', -1003761308],
  ['string', '', 0],
  ['int32', -5, -5],
  ['int64', 4294967298n, 3],
  ['int64', -1n, 0],
  ['boolean', true, 1231],
  ['double', 1.5, 1073217536],
  ['float', 1.5, 1069547520],
  ['bytes', Decimal.parse('12.34'), 38256],
  ['bytes', Decimal.parse('-12.34'), -38252],
]

for (const [type, value, hash] of HASHES) {
  test(`the hash of a ${type} is Java's: ${hash}`, () => {
    const schema: Schema = primitiveSchema(type as 'string')
    assert.equal(javaHash(value, schema), hash)
  })
}

const ROW = structSchema([{ name: 'name', schema: primitiveSchema('string') }], { optional: true })
const ENVELOPE = structSchema(
  [
    { name: 'before', schema: ROW },
    { name: 'after', schema: ROW },
    { name: 'op', schema: primitiveSchema('string') },
  ],
  { name: 'p.public.t.Envelope' },
)

function change(op: string, before: string | null, after: string | null): ConnectRecord {
  const row = (name: string | null) => (name === null ? null : new ValueStruct(ROW, [name]))
  return {
    topic: 't',
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: ENVELOPE,
    value: new ValueStruct(ENVELOPE, [row(before), row(after), op]),
    timestamp: null,
    headers: [],
  }
}

const routing = partitionRouting.create({
  'partition.payload.fields': 'change.name, change.missing',
  'partition.topic.num': '100',
})

test('the row of a change chooses the partition, its old row for a delete', () => {
  // (hash of "products" without its sign) % 100
  const expected = (-1003761308 & 0x7fffffff) % 100
  assert.equal(routing.apply(change('c', null, 'products'))!.partition, expected)
  assert.equal(routing.apply(change('d', 'products', null))!.partition, expected)
})

test('tombstones, truncates and records without the fields pass as they are', () => {
  const tombstone = { ...change('c', null, null), valueSchema: null, value: null }
  for (const record of [tombstone, change('t', null, null), change('c', null, null)])
    assert.equal(routing.apply(record), record)
})

test('an empty field and no partitions are refused', () => {
  const create = (fields: string, partitions: string) => () =>
    partitionRouting.create({ 'partition.payload.fields': fields, 'partition.topic.num': partitions })
  assert.throws(create('a..b', '3'), /empty element/)
  assert.throws(create('a', '0'), /partition.topic.num/)
})
