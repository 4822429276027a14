import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOids, writeOids } from './known-tables.ts'

test('which tables are known fits into a short text', () => {
  for (const oids of [[], [16_384], [16_384, 16_390, 4_294_967_295]]) {
    const text = writeOids(oids.toReversed())
    assert.deepEqual([...readOids(text)!], oids)
  }
  assert.equal(writeOids([16_384, 16_390, 16_396]), 'cn4 6 6')
  for (const text of [undefined, null, 5, 'A', ' ', '1  2']) assert.equal(readOids(text), null)
})
