import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { withoutDuplicateFields } from './json-duplicates.ts'

test('the last of several fields of a name stays', () => {
  assert.equal(withoutDuplicateFields('{"dup":1,"dup":2}'), '{"dup":2}')
  assert.equal(withoutDuplicateFields('{"a":[{"b":1,"c":2,"b":[{}]}]}'), '{"a":[{"b":[{}],"c":2}]}')
  assert.equal(withoutDuplicateFields('{"a":1,"\\u0061":2}'), '{"a":2}')
})

test('texts without duplicates are left alone', () => {
  for (const text of ['{}', '[]', '{"a":{"a":{"a":1}},"b":["a","a"]}', '{ "a" : [ 1 , 2 ] }']) {
    assert.equal(withoutDuplicateFields(text), null)
  }
})

test('numbers keep their text', () => {
  const text = '{"d":1,"n":123456789012345678901234567890.10,"d":2}'
  assert.equal(withoutDuplicateFields(text), '{"d":2,"n":123456789012345678901234567890.10}')
})

test('the result means what JSON.parse makes of the text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b"', '\n'), fc.jsonValue({ maxDepth: 3 }))),
      (fields) => {
        const text = `{ ${fields.map(([name, value]) => `${JSON.stringify(name)} : ${JSON.stringify(value)}`).join(' , ')} }`
        const result = withoutDuplicateFields(text)
        const names = fields.map(([name]) => name)
        assert.equal(result !== null, new Set(names).size < names.length)
        if (result !== null) assert.deepEqual(JSON.parse(result), JSON.parse(text))
      },
    ),
  )
})

test('very long strings are no problem', () => {
  const long = 'x\\n'.repeat(2_000_000)
  assert.equal(withoutDuplicateFields(`{"a":1,"a":"${long}"}`)?.length, long.length + 8)
})
