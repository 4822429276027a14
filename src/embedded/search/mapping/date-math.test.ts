import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DateFormat, DEFAULT_DATE_FORMAT } from './date-format.ts'
import { parseDateMath } from './date-math.ts'

const nowMs = Date.UTC(2024, 4, 15, 10, 30, 45, 123)
const iso = (ms: number | undefined) =>
  ms === undefined ? undefined : new Date(ms).toISOString().replace('.000Z', 'Z')

const CASES: readonly (readonly [text: string, first: string | undefined, last?: string])[] = [
  ['2024', '2024-01-01T00:00:00Z', '2024-12-31T23:59:59.999Z'],
  ['2024-02', '2024-02-01T00:00:00Z', '2024-02-29T23:59:59.999Z'],
  ['2024-02-29', '2024-02-29T00:00:00Z', '2024-02-29T23:59:59.999Z'],
  ['2023-02-29', undefined],
  ['2024-13-01', undefined],
  ['2024-02-01T10', '2024-02-01T10:00:00Z', '2024-02-01T10:59:59.999Z'],
  ['2024-02-01T10:11:12.5Z', '2024-02-01T10:11:12.500Z', '2024-02-01T10:11:12.500Z'],
  ['2024-02-01T10:11:12.123456789+09:00', '2024-02-01T01:11:12.123Z'],
  ['2024-02-01T24:00', undefined],
  ['2024-02-01 10:00:00', undefined],
  ['0099-01-01', '0099-01-01T00:00:00Z'],
  ['1704067200000', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
  ['-1', '1969-12-31T23:59:59.999Z'],
  ['now', '2024-05-15T10:30:45.123Z', '2024-05-15T10:30:45.123Z'],
  ['now-1d', '2024-05-14T10:30:45.123Z'],
  ['now/d', '2024-05-15T00:00:00Z', '2024-05-15T23:59:59.999Z'],
  ['now-1M/M', '2024-04-01T00:00:00Z', '2024-04-30T23:59:59.999Z'],
  ['now/w', '2024-05-13T00:00:00Z', '2024-05-19T23:59:59.999Z'],
  ['now/y+2h', '2024-01-01T02:00:00Z'],
  ['2024-01-31||+1M', '2024-02-29T00:00:00Z'],
  ['2024-02-29||-1y', '2023-02-28T00:00:00Z'],
  ['now-1x', undefined],
  ['garbage', undefined],
]

for (const [text, first, last] of CASES) {
  test(`${text} is ${first ?? 'no date'}`, () => {
    const date = parseDateMath(text, { format: new DateFormat(DEFAULT_DATE_FORMAT), nowMs })
    assert.equal(iso(date?.ms), first)
    if (last !== undefined) assert.equal(iso(date?.lastMs), last)
  })
}

test('a zone shifts dates that name none, and rounding', () => {
  const parse = (text: string) =>
    parseDateMath(text, { format: new DateFormat(DEFAULT_DATE_FORMAT), nowMs, timeZone: '+09:00' })
  assert.equal(iso(parse('2024-01-01')?.ms), '2023-12-31T15:00:00Z')
  assert.equal(iso(parse('2024-01-01T00:00:00Z')?.ms), '2024-01-01T00:00:00Z')
  assert.equal(iso(parse('now/d')?.ms), '2024-05-14T15:00:00Z')
})

const PATTERNS: readonly (readonly [pattern: string, text: string, date: string | undefined])[] = [
  ['yyyy-MM-dd HH:mm:ss', '2024-01-02 03:04:05', '2024-01-02T03:04:05Z'],
  ["dd/MM/yyyy 'at' h:mm a", '02/01/2024 at 3:04 PM', '2024-01-02T15:04:00Z'],
  ['yyyyMMdd||epoch_second', '20240102', '2024-01-02T00:00:00Z'],
  ['strict_date||epoch_second', '1704067200', '2024-01-01T00:00:00Z'],
  ['yyyy[-MM]', '2024-03', '2024-03-01T00:00:00Z'],
  ['yyyy.MM', '2024x03', undefined],
]

for (const [pattern, text, date] of PATTERNS) {
  test(`${text} in the format ${pattern} is ${date ?? 'no date'}`, () => {
    assert.equal(iso(new DateFormat(pattern).parse(text)?.ms), date)
  })
}

test('a pattern with an unknown or repeated letter is refused', () => {
  assert.throws(() => new DateFormat('yyyy-qq'), /Unknown pattern letter: q/)
  assert.throws(() => new DateFormat('y.y.y.y'), /given twice: y/)
})
