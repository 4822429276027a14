import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { digestOf, isSameJson } from './document-digest.ts'

function digest(json: string): readonly number[] {
  const bytes = Buffer.from(`x${json}x`)
  const found = { low: 0, high: 0 }
  digestOf(bytes, { start: 1, end: bytes.length - 1 }, found)
  return [found.low, found.high]
}

const document = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 })

test('a document has one digest, whatever the order of its fields and the space between them', () => {
  fc.assert(
    fc.property(document, (fields) => {
      const turned = Object.fromEntries(Object.entries(fields).reverse())
      const json = JSON.stringify(fields)
      assert.deepEqual(digest(JSON.stringify(turned)), digest(json))
      const spaced = Object.entries(fields).map(([k, v]) => ` ${JSON.stringify(k)} : ${JSON.stringify(v)} `)
      assert.deepEqual(digest(`{\n${spaced.join(',')}}`), digest(json))
      assert.ok(isSameJson(JSON.stringify(turned), json))
    }),
  )
})

test('another value, name or swap of values makes another digest', () => {
  const all = [
    '{}',
    '{"a":1,"b":2}',
    '{"a":2,"b":1}',
    '{"a":12}',
    '{"a":"12"}',
    '{"a1":2}',
    '{"a":1}',
    '{"a":null}',
  ]
  assert.equal(new Set(all.map((json) => digest(json).join())).size, all.length)
})

test('a field that is left out does not count', () => {
  const leftOut = [Buffer.from('__op')]
  const of = (json: string): readonly number[] => {
    const found = { low: 0, high: 0 }
    digestOf(Buffer.from(json), { start: 0, end: json.length, leftOut }, found)
    return [found.low, found.high]
  }
  assert.deepEqual(of('{"a":1,"__op":{"b":[2]},"c":3}'), of('{"c":3,"a":1}'))
  assert.deepEqual(of('{"__op":"r"}'), of('{}'))
  assert.notDeepEqual(of('{"__o":"r"}'), of('{}'))
  assert.ok(isSameJson('{"a":1,"__op":"r"}', '{"__op":"u","a":1}', new Set(['__op'])))
})

test('numbers are compared by their digits, and are no texts', () => {
  assert.ok(!isSameJson('{"a":12345678901234567890}', '{"a":12345678901234567891}'))
  assert.ok(!isSameJson('{"a":1}', '{"a":"1"}'))
  assert.ok(!isSameJson('{"a":"#1"}', '{"a":1}'))
  assert.ok(isSameJson('{"a":{"y":1.50,"x":[2]}}', '{ "a":{"x":[2],"y":1.50}}'))
})
