import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ValueStruct } from '../../api/struct.ts'
import type { Schema } from '../../api/schema.ts'
import { INT32, STRING, structRecord, structSchemaOf } from '../testing/records.ts'
import { vectorToJsonConverter } from './vector-to-json-converter.ts'

const transformation = vectorToJsonConverter.create({})

function dense(type: 'double' | 'float', name: string): Schema {
  return { type: 'array', optional: true, name, version: 1, valueSchema: { type, optional: false } }
}

test('vectors become JSON text, in rows too, and what is none stays', () => {
  const map: Schema = {
    type: 'map',
    optional: false,
    keySchema: { type: 'int16', optional: false },
    valueSchema: { type: 'double', optional: false },
  }
  const sparse = structSchemaOf(
    { dimensions: { type: 'int16', optional: false }, vector: map },
    { name: 'io.debezium.data.SparseDoubleVector', optional: true },
  )
  const row = structSchemaOf(
    {
      id: INT32,
      v: dense('double', 'io.debezium.data.DoubleVector'),
      h: dense('float', 'io.debezium.data.FloatVector'),
      s: sparse,
    },
    { optional: true },
  )
  const envelope = structSchemaOf({ before: row, after: row, op: STRING }, { name: 'e.Envelope' })
  const numbers = new ValueStruct(sparse, [
    5,
    new Map([
      [3, -2.5],
      [1, 1],
    ]),
  ])
  const after = new ValueStruct(row, [7, [1, 2.5e-7], [Math.fround(0.1)], numbers])
  const record = transformation.apply(structRecord(envelope, [null, after, 'c']))!
  const value = record.value as ValueStruct
  assert.equal(value.get('before'), null)
  const written = value.get('after') as ValueStruct
  assert.deepEqual(
    ['id', 'v', 'h', 's'].map((name) => written.get(name)),
    [
      7,
      '{ "values": [1.0, 2.5E-7] }',
      '{ "values": [0.1] }',
      '{ "dimensions": 5, "vector": { "1": 1.0, "3": -2.5 } }',
    ],
  )
  assert.deepEqual(written.schema.fields![1]!.schema, {
    type: 'string',
    optional: true,
    name: 'io.debezium.data.Json',
    version: 1,
  })
})

test('records without vectors and tombstones pass, others without a schema are refused', () => {
  const plain = structRecord(structSchemaOf({ id: INT32 }), [1])
  assert.equal(transformation.apply(plain), plain)
  const tombstone = { ...plain, valueSchema: null, value: null }
  assert.equal(transformation.apply(tombstone), tombstone)
  assert.throws(
    () => transformation.apply({ ...tombstone, value: 'text' }),
    /Only Struct objects supported for \[Value should be a struct\], found: java.lang.String/,
  )
})
