import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunkCondition, planChunks, type BlockRange, type TableStorage } from './table-chunks.ts'

function plan(
  storage: Partial<TableStorage>,
  { done = [], pieces = 1 }: { done?: readonly BlockRange[]; pieces?: number } = {},
): readonly (string | null)[] {
  const chunks = planChunks(
    { files: 'f', blocks: 0, parts: 1, hasRanges: true, ...storage },
    { done, pieces, xmin: 2n ** 32n + 7n },
  )
  return chunks.map(
    (chunk) => chunkCondition(chunk)?.replaceAll('::tid', '').replaceAll('pg_catalog.', '') ?? null,
  )
}

test('a table is cut into chunks of 32 MB, the last of which is open', () => {
  assert.deepEqual(plan({ blocks: 0 }), [null])
  assert.deepEqual(plan({ blocks: 4096 }), [null])
  assert.deepEqual(plan({ blocks: 12_000 }), [
    "ctid < '(4096,0)'",
    "ctid >= '(4096,0)' AND ctid < '(8192,0)'",
    "ctid >= '(8192,0)'",
  ])
})

test('it is cut into as many pieces as are asked for, but not into crumbs', () => {
  assert.deepEqual(plan({ blocks: 1000 }, { pieces: 2 }), ["ctid < '(500,0)'", "ctid >= '(500,0)'"])
  assert.equal(plan({ blocks: 1000 }, { pieces: 100 }).length, 8)
  assert.deepEqual(plan({ blocks: 100 }, { pieces: 4 }), [null])
})

test('without ranges it is read as a whole', () => {
  assert.deepEqual(plan({ blocks: 100_000, hasRanges: false }, { pieces: 4 }), [null])
})

test('the same blocks of many partitions make one chunk', () => {
  assert.equal(plan({ blocks: 2048, parts: 1 }).length, 1)
  assert.equal(plan({ blocks: 2048, parts: 4 }).length, 2)
})

test('what was read before is left out, but for rows that moved there since', () => {
  const done = [
    { from: 0, to: 4096 },
    { from: 8192, to: 9000 },
  ]
  assert.deepEqual(plan({ blocks: 10_000 }, { done }), [
    "ctid < '(9000,0)' AND age(xmin) <= age('7'::xid)",
    "ctid >= '(4096,0)' AND ctid < '(8192,0)'",
    "ctid >= '(9000,0)'",
  ])
  assert.deepEqual(plan({ blocks: 10_000 }, { done: [{ from: 0, to: null }] }), [
    "age(xmin) <= age('7'::xid)",
  ])
})
