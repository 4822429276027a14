import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatLsn, parseLsn } from './lsn.ts'

const cases: readonly [text: string, lsn: bigint][] = [
  ['0/0', 0n],
  ['0/16B3748', 0x16b3748n],
  ['16/B374D848', 0x16_b374d848n],
  ['FFFFFFFF/FFFFFFFF', 2n ** 64n - 1n],
]

test('an LSN is read and written in the notation of PostgreSQL', () => {
  for (const [text, lsn] of cases) {
    assert.equal(parseLsn(text), lsn)
    assert.equal(formatLsn(lsn), text)
  }
})

test('a text that is not an LSN is refused', () => {
  for (const text of ['', '16', '0/', '/0', '0/123456789', '0/1x']) {
    assert.throws(() => parseLsn(text), { code: 'postgres.protocol' })
  }
})
