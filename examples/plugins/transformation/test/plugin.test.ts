import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isStruct, primitiveSchema, structSchema, ValueStruct, type ConnectRecord, type ConnectValue } from 'tailrace/api'
import { exampleTransformation } from '../src/plugin.ts'

const schema = structSchema([
  { name: 'id', schema: primitiveSchema('int32') },
  { name: 'name', schema: primitiveSchema('string') },
])

function recordOf(value: ConnectValue): ConnectRecord {
  const more = { keySchema: null, key: null, valueSchema: null, timestamp: null, headers: [] }
  return { topic: 't', partition: null, value, ...more }
}

function transformed(value: ConnectValue, field = 'name'): ConnectValue | undefined {
  return exampleTransformation.create({ field }).apply(recordOf(value))?.value
}

test('a field with a schema is written in capitals', () => {
  const value = transformed(new ValueStruct(schema, [1, 'ann']))
  assert.ok(value !== undefined && isStruct(value))
  assert.deepEqual([value.get('id'), value.get('name')], [1, 'ANN'])
})

test('so is one without', () => {
  assert.deepEqual(transformed(new Map([['name', 'ann']])), new Map([['name', 'ANN']]))
})

test('tombstones, other fields and other types pass as they are', () => {
  for (const value of [null, 'ann', new Map([['other', 'x']]), new Map([['name', 7n]])]) {
    assert.deepEqual(transformed(value), value)
  }
})

test('wrong options are refused by name', () => {
  const errors = exampleTransformation.configDef.validate({}).flatMap((option) => option.errors)
  assert.deepEqual(errors, ['Missing required configuration "field" which has no default value.'])
})
