import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError } from '../../api/errors.ts'
import { primitiveSchema, structSchema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { documentIdFromKey } from './document-id.ts'

test('texts and whole numbers are ids', () => {
  assert.equal(documentIdFromKey(null, 'a b/c?#é'), 'a b/c?#é')
  assert.equal(documentIdFromKey(null, 9007199254740993n), '9007199254740993')
  assert.equal(documentIdFromKey(primitiveSchema('int32'), 7), '7')
  assert.equal(documentIdFromKey(primitiveSchema('int64'), -1n), '-1')
  assert.equal(documentIdFromKey(primitiveSchema('string'), 'x'), 'x')
})

test('dates and moments are ids in the words of Java, with their milliseconds where they have some', () => {
  const day = primitiveSchema('int32', { name: 'org.apache.kafka.connect.data.Date' })
  const moment = primitiveSchema('int64', { name: 'org.apache.kafka.connect.data.Timestamp' })
  const id = documentIdFromKey
  assert.equal(id(day, new Date(19_700 * 86_400_000)), 'Sat Dec 09 00:00:00 UTC 2023')
  assert.equal(id(moment, new Date(1_700_000_000_000)), 'Tue Nov 14 22:13:20 UTC 2023')
  assert.equal(id(moment, new Date(1_700_000_000_007)), 'Tue Nov 14 22:13:20.007 UTC 2023')
})

test('other keys are refused in the words of the reference', () => {
  const struct = structSchema([{ name: 'id', schema: primitiveSchema('int32') }])
  const cases: readonly [Parameters<typeof documentIdFromKey>[0], ConnectValue, string][] = [
    [null, null, 'Key is used as document id and can not be null.'],
    [null, '', 'Key is used as document id and can not be empty.'],
    [null, new Map([['id', 1n]]), 'MAP is not supported as the document id.'],
    [null, true, 'BOOLEAN is not supported as the document id.'],
    [null, 1.5, 'FLOAT64 is not supported as the document id.'],
    [null, [1n], 'ARRAY is not supported as the document id.'],
    [struct, new ValueStruct(struct, [1]), 'STRUCT is not supported as the document id.'],
    [primitiveSchema('bytes'), new Uint8Array(2), 'BYTES is not supported as the document id.'],
  ]
  for (const [schema, key, message] of cases) {
    assert.throws(
      () => documentIdFromKey(schema, key),
      (error) => error instanceof DataError && error.message === message,
    )
  }
})
