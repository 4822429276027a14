import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, DataError } from '../errors.ts'
import { compilePatterns, JavaPattern, javaPatternProblem } from './java-pattern.ts'

const LONG = 'a'.repeat(10_000)

// Known from advisories: each takes JavaScript's own engine minutes to ages with one of the texts below.
for (const source of [
  '(a+)+$',
  '(a*)*b',
  '(a|a)*b',
  '(a|aa)+$',
  '(.*a){20}b',
  '([a-zA-Z]+)*!!',
  '(x+x+)+y|(a+a+)+y',
  '(\\w+\\s?)*$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(.*)*x',
  '(a?){50}a{50}b',
  '(.*?,?){30}P',
  '((((((a*)*)*)*)*)*)*b',
  '.*.*.*.*.*.*=',
  '(?i)(a|A)*b',
  '((a+b?)*c?)*d',
]) {
  test(`${source} takes no text for ever`, () => {
    const started = process.cpuUsage()
    const pattern = new JavaPattern(source)
    for (const text of [`${'a'.repeat(40)}!`, `${'aA'.repeat(120)}!`, `${'a '.repeat(120)}!`, `${LONG}!`]) {
      assert.equal(pattern.matches(text), false)
      pattern.replaceFirst(text, 'x')
    }
    // Of processor time: a machine that is busy with other things takes longer.
    assert.ok(process.cpuUsage(started).user / 1e6 < 5)
  })
}

test('what only an engine could match that may take for ever is refused, with the way out', () => {
  for (const source of [
    '(?=(a+)+b)a*',
    '(?!(.*)*x).*',
    '((?!x)a+)+$',
    '(a+)\\1+\\1+\\1+b',
    '(?>(a+)+)b',
    '(?m)(a*)*^',
    '(?:a{1,1000}){1,1000}',
  ]) {
    assert.throws(
      () => new JavaPattern(source),
      (error) => error instanceof ConfigError && /could take for ever to match/.test(error.message),
      source,
    )
  }
  assert.match(
    javaPatternProblem('((?!x)a+)+')!,
    /^Invalid regex: it could take .* no two repetitions that can match the same/,
  )
})

test('a text that is longer than any name is refused where it could take for ever', () => {
  const pattern = new JavaPattern('public\\.(?!tmp_).*')
  assert.equal(pattern.matches('public.orders'), true)
  assert.equal(pattern.matches(`public.${'x'.repeat(240)}`), true)
  const nested = new JavaPattern('(?!.*x).*a.*a.*')
  assert.throws(() => nested.matches(`${LONG}${LONG}`), DataError)
})

const MATCHES: readonly (readonly [string, string, boolean])[] = [
  ['public\\.(?!tmp_).*', 'public.tmp_1', false],
  ['(?:(?!tmp).)*', 'public.orders', true],
  ['(?:(?!tmp).)*', 'public.tmp', false],
  ['(\\w+)\\.\\1', 'orders.orders', true],
  ['(?<schema>\\w+)\\.\\k<schema>', 'a.b', false],
  ['.*(?<!_old)', 'orders_old', false],
  ['a++b', 'aaab', true],
  ['a*+ab', 'aaab', false],
  ['(?>a|ab)c', 'abc', false],
  ['\\Qa.b\\E.*', 'a.bc', true],
  ['\\Qa.b\\E.*', 'axbc', false],
  ['[\\Q^]\\E]+', '^]', true],
  ['(?i)PUBLIC', 'public', true],
  ['(?i)ä', 'Ä', false],
  ['(?iu)ä', 'Ä', true],
  ['a(?i:b)c', 'aBc', true],
  ['a(?i:b)c', 'aBC', false],
  ['a(?i)b(?-i)c', 'aBc', true],
  ['(?x) a b # a comment', 'ab', true],
  ['.', '\n', false],
  ['(?s).', '\n', true],
  ['.', '\u{1f600}', true],
  ['.', '\u0085', false],
  ['(?d).', '\u0085', true],
  ['\\p{Lu}\\p{IsAlphabetic}\\p{L}', 'Äöü', true],
  ['\\p{IsGreek}+', 'αβγ', true],
  ['\\P{ASCII}+', 'αβγ', true],
  ['\\p{Alpha}\\p{Punct}\\p{XDigit}', 'a.F', true],
  ['\\p{javaLowerCase}', 'ß', true],
  ['(?i)\\p{Lower}', 'A', true],
  ['\\s', '\u00a0', false],
  ['\\h', '\u00a0', true],
  ['(?U)\\w', 'é', true],
  ['\\w', 'é', false],
  ['[a-z&&[^aeiou]]+', 'xyz', true],
  ['[a-z&&[^aeiou]]+', 'abc', false],
  ['[a-d[m-p]]+', 'dm', true],
  ['[]a]', ']', true],
  ['[^]a]', ']', false],
  ['[a-]+', 'a-', true],
  ['\\x41\\u0042\\x{43}\\0104\\t', 'ABCD\t', true],
  ['\\uD83D\\uDE00', '\u{1f600}', true],
  ['\\Aa\\z', 'a', true],
  ['(?m)a$\\n^b', 'a\nb', true],
  ['a\\R?b', 'a\r\nb', true],
  ['\\bab\\b', 'ab', true],
  ['a{2,3}', 'aaaa', false],
  ['a{2}+', 'aa', true],
  ['a|', '', true],
  ['(a)|b', 'b', true],
  ['', '', true],
]

for (const [source, text, expected] of MATCHES) {
  test(`${source} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
    assert.equal(new JavaPattern(source).matches(text), expected)
  })
}

test('replacements mean what they mean in Java', () => {
  const replaced = (source: string, text: string, replacement: string): string =>
    new JavaPattern(source).replaceFirst(text, replacement)
  assert.equal(replaced('(a)(?<n>b)?', 'xaby', '${n}$1\\$'), 'xba$y')
  assert.equal(replaced('(a)', 'a', '$12'), 'a2')
  assert.equal(replaced('(?>a+)(b)', 'aab', '$1'), 'b')
  assert.equal(replaced('b|(c)', 'abc', '[$1]'), 'a[]c')
  assert.equal(replaced('x$', 'ax\n', ''), 'a\n')
  // By RE2, as it is the slow kind.
  assert.equal(replaced('(a+)+(b)', `${'a'.repeat(300)}b\u{1f600}`, '$2'), 'b\u{1f600}')
  assert.throws(() => replaced('(a)', 'a', '$2'), DataError)
  assert.throws(() => replaced('(a)', 'a', '${n}'), DataError)
})

test('what is wrong, or only Java has, is refused by name', () => {
  for (const [source, problem] of [
    ['(', /a group is not closed/],
    [')', /has no \( before it/],
    ['[a', /\] is missing/],
    ['[b-a]', /in disorder/],
    ['*', /nothing before it to repeat/],
    ['a{2,1}', /in disorder/],
    ['a{x}', /no quantifier/],
    ['\\', /ends with a backslash/],
    ['\\X', /\\X is not supported/],
    ['\\G', /\\G is not supported/],
    ['\\p{InGreek}', /no character class \\p\{InGreek\}/],
    ['\\p{Foo', /is not closed/],
    ['(?<a>x)(?<a>y)', /two groups are named a/],
    ['\\1(a)', /no group 1 before/],
    ['(?y)a', /begins no group/],
    ['('.repeat(5000), /nested too deeply/],
    ['['.repeat(5000), /nested too deeply/],
  ] as const) {
    assert.throws(
      () => new JavaPattern(source),
      (error) => error instanceof ConfigError && problem.test(error.message),
      source,
    )
  }
})

test('lists are taken apart at commas, and compare whatever the case', () => {
  const patterns = compilePatterns(' public\\.a , b\\,c,, [xy]+,')
  const matching = (text: string) => patterns.map((pattern) => pattern.matches(text))
  assert.deepEqual(matching('Public.A'), [true, false, false])
  assert.deepEqual(matching('b,c'), [false, true, false])
})
