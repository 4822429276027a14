import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSnapshotRequest } from './snapshot-request.ts'

test('what is no condition is refused in words', () => {
  for (const condition of [
    null,
    5,
    'id > 5',
    [],
    { filter: 'id > 5' },
    { 'data-collection': 'a', filter: null },
  ]) {
    assert.throws(
      () => parseSnapshotRequest({ 'data-collections': ['a'], 'additional-conditions': [condition] }),
      { message: 'an additional condition needs a "data-collection" and a "filter"' },
    )
  }
})
