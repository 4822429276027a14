import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexName } from './index-naming.ts'

test('a topic gives the index name that the reference gives it', () => {
  for (const [topic, index] of [
    ['postgres_server.public.test_table', 'postgres_server.public.test_table'],
    ['Upper.CASE', 'upper.case'],
    ['_under', 'under'],
    ['-dash', 'dash'],
    ['__two', '_two'],
    ['.', 'dot'],
    ['..', 'dotdot'],
    ['l'.repeat(300), 'l'.repeat(255)],
  ] as const) {
    assert.equal(indexName(topic), index)
  }
})
