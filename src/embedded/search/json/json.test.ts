import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../../test/properties.ts'
import { parseExactly, parseForIndexing } from './exact-json.ts'
import { locateValue } from './locate-value.ts'
import { filterPaths } from './path-filter.ts'
import { writePrettyJson } from './pretty-json.ts'
import { RawJson, writeJson } from './raw-json.ts'

test('what is parsed exactly is written as it was', () => {
  const text = '{"a":1.0,"b":[9007199254740993,1e2,-0,0.10],"c":{"d":null,"e":"\\u0000"}}'
  assert.equal(writeJson(parseExactly(text)), text)
  fc.assert(
    fc.property(fc.json(), (json) =>
      assert.equal(writeJson(parseExactly(json)), JSON.stringify(JSON.parse(json))),
    ),
  )
})

test('for indexing only integers beyond 2^53 differ from JSON.parse', () => {
  assert.deepEqual(parseForIndexing('[9007199254740993,-9223372036854775808,1736816257075566,1.5,1e300]'), [
    9007199254740993n,
    -9223372036854775808n,
    1736816257075566,
    1.5,
    1e300,
  ])
})

const PLACES: readonly (readonly [text: string, path: readonly (string | number)[], place: string])[] = [
  ['{"a":1,"b": "x"}', ['b'], '1:13'],
  ['{"a":{"x":1,"y":[1,{"z":true}]}}', ['a', 'y', 1, 'z'], '1:25'],
  ['{\n  "a":\n   5}', ['a'], '3:4'],
  ['{"a":"},\\"","b":1}', ['b'], '1:17'],
  ['{"a":1}', ['none'], '1:1'],
]

for (const [text, path, place] of PLACES) {
  test(`${path.join('.')} of ${JSON.stringify(text)} is at ${place}`, () => {
    assert.equal(locateValue(text, path), place)
  })
}

const TREE = { a: { b: 1, c: [{ d: 2, e: 3 }, { e: 4 }] }, 'x.y': 5, raw: new RawJson('{"k":1.0,"l":2}') }

const FILTERS: readonly (readonly [includes: string[], excludes: string[], left: string])[] = [
  [['a.b'], [], '{"a":{"b":1}}'],
  [['a.c.e'], [], '{"a":{"c":[{"e":3},{"e":4}]}}'],
  [['a.c.d'], [], '{"a":{"c":[{"d":2}]}}'],
  [['*.b'], [], '{"a":{"b":1}}'],
  [['**.e'], [], '{"a":{"c":[{"e":3},{"e":4}]}}'],
  [['x.y'], [], '{"x.y":5}'],
  [['raw.k'], [], '{"raw":{"k":1.0}}'],
  [['none'], [], '{}'],
  [[], ['a', 'raw.l'], '{"x.y":5,"raw":{"k":1.0}}'],
  [['a'], ['a.c'], '{"a":{"b":1}}'],
]

for (const [includes, excludes, left] of FILTERS) {
  test(`with ${includes.join() || 'everything'} without ${excludes.join() || 'nothing'} ${left} is left`, () => {
    assert.equal(writeJson(filterPaths(TREE, includes, excludes)), left)
  })
}

test('pretty JSON is laid out as Elasticsearch does', () => {
  const text = writePrettyJson({ a: [1, { b: new RawJson('{"c":1.0}') }], d: {}, e: [] })
  assert.equal(
    text,
    '{\n  "a" : [\n    1,\n    {\n      "b" : {\n        "c" : 1.0\n      }\n    }\n  ],\n  "d" : { },\n  "e" : [ ]\n}',
  )
})
