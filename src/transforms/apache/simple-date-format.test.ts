import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from '../../../test/properties.ts'
import { SimpleDateFormat } from './simple-date-format.ts'

const MOMENT = new Date('2024-01-02T15:04:05.067Z')

const FORMATS: readonly (readonly [string, string])[] = [
  ["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", '2024-01-02T15:04:05.067Z'],
  ['yy M d h a K k H', '24 1 2 3 PM 3 15 15'],
  ['EEE, dd MMM yyyy HH:mm:ss z', 'Tue, 02 Jan 2024 15:04:05 UTC'],
  ['EEEE MMMM G', 'Tuesday January AD'],
  ['D w W F u Z X', '2 1 1 1 2 +0000 Z'],
  ["h 'o''clock' ''", "3 o'clock '"],
]

for (const [pattern, text] of FORMATS) {
  it(`${pattern} writes ${text}`, () => assert.equal(new SimpleDateFormat(pattern).format(MOMENT), text))
}

const TEXTS: readonly (readonly [string, string, string | null])[] = [
  ['yyyy-MM-dd', '2024-01-02', '2024-01-02T00:00:00.000Z'],
  ['yyyy-MM-dd', '2024-01-02 and more', '2024-01-02T00:00:00.000Z'],
  ['yyyy-MM-dd', '2024-13-32', '2025-02-01T00:00:00.000Z'],
  ['yyyy-MM-dd', '2024/01/02', null],
  ['yyyyMMddHHmmss', '20240102150405', '2024-01-02T15:04:05.000Z'],
  ['yy', '99', '1999-01-01T00:00:00.000Z'],
  ['dd MMM yyyy', '2 january 2024', '2024-01-02T00:00:00.000Z'],
  ['h:mm a', '12:30 am', '1970-01-01T00:30:00.000Z'],
  ['h:mm a', '3:04 PM', '1970-01-01T15:04:00.000Z'],
  ['HH:mm:ss.S', '00:00:01.5', '1970-01-01T00:00:01.005Z'],
  ['yyyy-MM-dd HH:mm z', '2024-01-02 15:04 GMT+05:30', '2024-01-02T09:34:00.000Z'],
  ["yyyy-MM-dd'T'HH:mmX", '2024-01-02T15:04-02', '2024-01-02T17:04:00.000Z'],
  ['yyyy D', '2024 60', '2024-02-29T00:00:00.000Z'],
  ['yyyy', 'x', null],
]

for (const [pattern, text, expected] of TEXTS) {
  it(`${pattern} reads ${text} as ${expected}`, () =>
    assert.equal(new SimpleDateFormat(pattern).parse(text)?.toISOString() ?? null, expected))
}

it('reads what it has written', () => {
  const format = new SimpleDateFormat('yyyy-MM-dd HH:mm:ss.SSS')
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1600-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      (date) => {
        assert.deepEqual(format.parse(format.format(date)), date)
      },
    ),
  )
})

for (const pattern of ['yyyy b', "yyyy 'open", 'XXXX']) {
  it(`refuses ${pattern}`, () => assert.throws(() => new SimpleDateFormat(pattern), SyntaxError))
}
