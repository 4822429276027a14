import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseJson, stringifyJson } from './json-text.ts'

it('keeps 64-bit integers through writing and reading', () => {
  const text = '{"lsn":9223372036854775807,"small":42,"part":1.5,"text":"9223372036854775807","none":null}'
  assert.equal(stringifyJson(parseJson(text)), text)
  assert.deepEqual(parseJson('[9007199254740991,9007199254740993]'), [9007199254740991, 9007199254740993n])
})
