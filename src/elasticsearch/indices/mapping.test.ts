import assert from 'node:assert/strict'
import { test } from 'node:test'
import { primitiveSchema, structSchema, type Schema } from '../../api/schema.ts'
import { mappingOf } from './mapping.ts'

const json = (kind: string): Schema =>
  primitiveSchema('string', { name: 'io.tailrace.data.Json', parameters: { kind } })

test('JSON numbers are mapped as numbers, JSON of any shape as it comes', () => {
  const schema = structSchema([
    { name: 'id', schema: primitiveSchema('int64') },
    { name: 'price', schema: json('number') },
    { name: 'payload', schema: json('document') },
    { name: 'tags', schema: json('array') },
    { name: 'payloads', schema: { type: 'array', optional: true, valueSchema: json('document') } },
    { name: 'prices', schema: { type: 'array', optional: true, valueSchema: json('number') } },
  ])
  const double = { type: 'double' }
  assert.deepEqual(mappingOf(schema), {
    properties: { id: { type: 'long' }, price: double, prices: double },
  })
})
