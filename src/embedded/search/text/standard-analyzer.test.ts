import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findAnalyzer } from './standard-analyzer.ts'

// The tokens are those of `_analyze` of Elasticsearch 8.10.2.
const CASES: readonly (readonly [text: string, tokens: string])[] = [
  ["can't it’s", "can't it’s"],
  ['3.14 1,000 1;2 1.a a.1', '3.14 1,000 1;2 1 a a 1'],
  ['a.b a:b foo_bar foo-bar a,b x.y.', 'a.b a:b foo_bar foo bar a b x.y'],
  ['_x_ 1_a a1b2 1a @x C++', '_x_ 1_a a1b2 1a x c'],
  ['http://a.b/c?d=e x@y.co', 'http a.b c d e x y.co'],
  ['한국어를 배운다', '한국어를 배운다'],
  ['日本語テスト カタカナー データ中文', '日 本 語 テスト カタカナー データ 中 文'],
  ['éà café ΑΣ İ 😀 ไทย', 'éà café ασ i 😀 ไทย'],
  ['', ''],
  [' - _ . ', ''],
]

for (const [text, tokens] of CASES) {
  test(`${JSON.stringify(text)} is cut into ${tokens || 'nothing'}`, () => {
    assert.deepEqual(findAnalyzer('standard')!(text), tokens.split(' ').filter(Boolean))
  })
}

test('words longer than 255 are cut', () => {
  assert.deepEqual(
    findAnalyzer('standard')!('x'.repeat(600)).map(({ length }) => length),
    [255, 255, 90],
  )
})

test('the other analyzers do what they are called', () => {
  assert.deepEqual(findAnalyzer('whitespace')!('A b-c'), ['A', 'b-c'])
  assert.deepEqual(findAnalyzer('keyword')!('A b-c'), ['A b-c'])
  assert.deepEqual(findAnalyzer('simple')!('A1 b-c'), ['a', 'b', 'c'])
  assert.equal(findAnalyzer('nori'), undefined)
})
