import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ConnectRecord } from '../../api/record.ts'
import { extractChangedRecordState } from './extract-changed-record-state.ts'
import { holdBothWays } from '../testing/both-ways.ts'
import { change, tombstone } from '../testing/envelopes.ts'
import { INT32, record, STRING } from '../testing/records.ts'

const COLUMNS = {
  id: INT32,
  a: STRING,
  tags: { type: 'array', optional: true, valueSchema: STRING },
} as const
const CONFIG = { 'header.changed.name': 'Changed', 'header.unchanged.name': 'Unchanged' }
const update = change(COLUMNS, 'u', { before: [1, 'x', ['t']], after: [1, 'y', ['t']] })
const insert = change(COLUMNS, 'c', { after: [1, 'x', null] })
const deletion = change(COLUMNS, 'd', { before: [1, 'x', null] })

function headersAfter(records: readonly ConnectRecord[], config: Record<string, string> = CONFIG): unknown {
  const transformation = extractChangedRecordState.create(config)
  return records.map((each) => transformation.apply(each)!.headers.map(({ name, value }) => [name, value]))
}

it('ExtractChangedRecordState lists what an update changed and what not', () => {
  assert.deepEqual(headersAfter([update]), [
    [
      ['Changed', ['a']],
      ['Unchanged', ['id', 'tags']],
    ],
  ])
  assert.deepEqual(headersAfter([update], { 'header.changed.name': 'c' }), [[['c', ['a']]]])
})

it('ExtractChangedRecordState lists nothing where there is one row, and on the tombstone of a delete too', () => {
  const nothing = [
    ['Changed', []],
    ['Unchanged', []],
  ]
  assert.deepEqual(headersAfter([insert, deletion, tombstone()]), [nothing, nothing, nothing])
  assert.deepEqual(headersAfter([insert, tombstone()]), [nothing, []])
})

it('ExtractChangedRecordState leaves records alone that are no envelopes', () => {
  const other = record({ valueSchema: STRING, value: 'v' })
  assert.equal(extractChangedRecordState.create(CONFIG).apply(other), other)
})

it('ExtractChangedRecordState gives the same from the template of an insert, and wants to see updates', () => {
  // Leaves: the key, the absent row, three columns, the operation, the time.
  const isConstant = (leaf: number): boolean => leaf === 1 || leaf === 5
  assert.equal(holdBothWays(extractChangedRecordState.create(CONFIG), insert, isConstant), 'compiled')
  assert.equal(
    holdBothWays(extractChangedRecordState.create(CONFIG), update, () => false),
    'general',
  )
})
