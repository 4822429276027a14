import assert from 'node:assert/strict'
import { test } from 'node:test'
import { snapshotMark } from './snapshot-marks.ts'

/** The marks of tables with so many rows each. */
function marks(...tables: readonly number[]): string[] {
  const all = tables.reduce((sum, rows) => sum + rows, 0)
  let seen = 0
  return tables.flatMap((rows, table) =>
    Array.from({ length: rows }, (_, row) =>
      snapshotMark({
        isFirstTable: table === 0,
        isLastOfAll: ++seen === all,
        isFirstRow: row === 0,
        isLastRow: row === rows - 1,
      }),
    ),
  )
}

test('rows are marked as the reference marks them', () => {
  assert.deepEqual(marks(1), ['last'])
  assert.deepEqual(marks(3), ['first', 'true', 'last'])
  assert.deepEqual(marks(1, 1), ['first', 'last'])
  assert.deepEqual(marks(2, 3, 2), [
    'first',
    'last_in_data_collection',
    'first_in_data_collection',
    'true',
    'last_in_data_collection',
    'first_in_data_collection',
    'last',
  ])
  assert.deepEqual(marks(0, 1, 0), ['last'])
  assert.deepEqual(marks(0, 2, 1, 0), ['first_in_data_collection', 'last_in_data_collection', 'last'])
})
