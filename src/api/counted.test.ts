import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counted } from './counted.ts'

test('one of something has no s', () => {
  const said = [0, 1, 2, 1n, '1', '1,001'].map((count) => counted(count, 'table'))
  assert.deepEqual(said, ['0 tables', '1 table', '2 tables', '1 table', '1 table', '1,001 tables'])
})
