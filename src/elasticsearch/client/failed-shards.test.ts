import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failedShards } from './failed-shards.ts'

test('an answer that shards are missing in says so', () => {
  const cases: readonly [status: number, json: object, expected: string | null][] = [
    [200, { _shards: { total: 3, successful: 2, failed: 1 }, hits: {} }, '1 of 3 shards have failed'],
    [200, { _scroll_id: 'x', _shards: { total: 3, successful: 3, failed: 0 } }, null],
    [200, { hits: { _shards: { total: 1, failed: 1 } } }, null],
    [404, { _shards: { total: 3, failed: 1 } }, null],
  ]
  for (const [status, json, expected] of cases) {
    const answer = { status, bytes: Buffer.from(JSON.stringify(json)) }
    assert.equal(failedShards(answer), expected)
  }
})
