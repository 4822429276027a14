import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { Decimal } from '../../api/decimal.ts'
import { optional, primitiveSchema, structSchema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { idFromAnyKey, keyOfId } from './key-id.ts'

function keyOf(fields: Readonly<Record<string, ConnectValue>>) {
  return { schema: null, value: new Map<ConnectValue, ConnectValue>(Object.entries(fields)) }
}

test('a key of one field is its value, one of several all of them', () => {
  assert.equal(idFromAnyKey(keyOf({ id: 1n })), '1')
  assert.equal(idFromAnyKey(keyOf({ id: 'a|b\\c' })), 'a|b\\c')
  assert.equal(idFromAnyKey(keyOf({ a: 1n, b: 'x' })), '1|x')
  assert.equal(idFromAnyKey(keyOf({ a: 'a|b', b: 'c\\', c: null, d: true })), 'a\\|b|c\\\\|\\N|true')
  assert.equal(idFromAnyKey({ schema: null, value: 'text' }), 'text')
})

test('keys with schemas are read by their fields', () => {
  const schema = structSchema([
    { name: 'id', schema: primitiveSchema('int64') },
    { name: 'price', schema: optional(primitiveSchema('bytes', { name: 'org.apache.kafka.connect.data.Decimal', parameters: { scale: '2' } })) }, // prettier-ignore
    { name: 'raw', schema: primitiveSchema('bytes') },
  ])
  const value = new ValueStruct(schema, [9007199254740993n, Decimal.parse('1.50'), Buffer.from([255])])
  assert.equal(idFromAnyKey({ schema, value }), '9007199254740993|1.5|/w==')
})

test('keys that are nothing are refused', () => {
  for (const value of [null, '', new Map(), new Map([['id', null]]), new Map([['id', '']])]) {
    assert.throws(() => idFromAnyKey({ schema: null, value }), /Key is used as document id and can not be/)
  }
})

test('two composite keys never share an id', () => {
  const idOf = (x: ConnectValue, y: ConnectValue): string => idFromAnyKey(keyOf({ x, y }))
  assert.notEqual(idOf('a|b', 'c'), idOf('a', 'b|c'))
  assert.notEqual(idOf('a\\|b', 'c'), idOf('a\\', 'b|c'))
  assert.notEqual(idOf('a\\', 'c'), idOf('a', '\\c'))
  assert.notEqual(idOf('\\N', 'c'), idOf(null, 'c'))
  const part = fc.oneof(fc.constant(null), fc.string({ unit: fc.constantFrom('|', '\\', 'N', 'a') }))
  fc.assert(
    fc.property(fc.tuple(part, part), fc.tuple(part, part), ([a, b], [c, d]) => {
      const isSame = a === c && b === d
      assert.equal(idFromAnyKey(keyOf({ x: a, y: b })) === idFromAnyKey(keyOf({ x: c, y: d })), isSame)
    }),
  )
})

test('an id leads back to the texts of its key', () => {
  assert.deepEqual(keyOfId('a|b\\c', 1), ['a|b\\c'])
  assert.equal(keyOfId('1|\\N', 2), null)
  assert.equal(keyOfId('1|2', 3), null)
  const text = fc.string({ unit: fc.constantFrom('|', '\\', 'N', 'a') })
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (values) => {
      const id = idFromAnyKey(keyOf(Object.fromEntries(values.map((value, i) => [`f${i}`, value]))))
      assert.deepEqual(keyOfId(id, values.length), values)
    }),
  )
})
