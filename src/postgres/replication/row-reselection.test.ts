import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tupleOf, UNCHANGED } from '../testing/relations.ts'
import { setColumns } from './row-reselection.ts'

test('values are put into a row beside those that it has', () => {
  const row = tupleOf(['1', UNCHANGED, null, 'last'])
  setColumns(
    row,
    new Map([
      [1, 'größe'],
      [2, null],
    ]),
  )
  assert.deepEqual(
    [0, 1, 2, 3].map((column) => row.text(column)),
    ['1', 'größe', null, 'last'],
  )
  assert.equal(row.isUnchangedToast(1), false)
  assert.equal(row.plain, null, 'what was put in may have to be escaped')
  setColumns(row, new Map([[2, '']]))
  assert.equal(row.text(2), '')
})
