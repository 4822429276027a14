import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DocumentReader, DocumentRepair, StoredDocument } from '../../api/verification.ts'
import { SecondLook, type Moment, type Suspect } from './second-look.ts'

const NAME = { index: 'items', id: '1' }

/** An index of one document that takes all repairs, and the rows of a table of one row. */
function scene(moment: Partial<Moment> = {}) {
  const state = { stored: null as StoredDocument | null, repairs: [] as DocumentRepair[], taken: true }
  const documents: Pick<DocumentReader, 'read' | 'isSame' | 'repair'> = {
    read: () => Promise.resolve([state.stored]),
    isSame: (a, b) => a === b,
    repair: (repairs) => {
      for (const repair of state.taken ? repairs : []) {
        const { json, version } = repair
        state.repairs.push(repair)
        state.stored = json === null ? null : { json, version }
      }
      return Promise.resolve(repairs.map(() => state.taken))
    },
  }
  const look = new SecondLook(documents as DocumentReader, true)
  const suspect: Suspect = { name: NAME, row: null, missed: 0, version: null, isWritten: false }
  const suspects = new Map([[1, suspect]])
  const settle = (row: string | null, more: Partial<Moment> = {}): Promise<void> => {
    suspect.row = row
    return look.settle(suspects, { version: 100n, lastOffsets: null, isOld: false, ...moment, ...more })
  }
  return { state, look, suspects, settle }
}

test('a document that is missing twice is written with the version of the moment', async () => {
  const { state, look, suspects, settle } = scene()
  await settle('{"a":1}')
  assert.deepEqual([suspects.size, state.repairs.length], [1, 0])
  await settle('{"a":2}')
  assert.deepEqual(state.repairs, [{ ...NAME, json: '{"a":2}', version: 100n }])
  assert.deepEqual([suspects.size, look.counts.missing, look.repaired], [0, 1, 1])
})

test('one whose row was deleted while an old moment was looked at is taken away again', async () => {
  const { state, look, suspects, settle } = scene({ isOld: true })
  await settle('{"a":1}')
  await settle('{"a":1}')
  assert.deepEqual([suspects.size, state.stored?.json, look.counts.missing], [1, '{"a":1}', 1])
  await settle(null)
  assert.deepEqual([suspects.size, state.stored, look.counts], [0, null, { missing: 1, stale: 0, extra: 0 }])
})

test('one whose row is still there after an old moment stays', async () => {
  const { state, look, suspects, settle } = scene({ isOld: true })
  for (let i = 0; i < 3; i++) await settle('{"a":1}')
  assert.deepEqual(
    [suspects.size, state.stored?.json, look.counts.missing, look.repaired],
    [0, '{"a":1}', 1, 1],
  )
})

test('a newer document says nothing, an older one that differs is stale', async () => {
  const { state, look, suspects, settle } = scene()
  state.stored = { version: 101n, json: '{"a":0}' }
  await settle('{"a":1}')
  assert.equal(suspects.size, 1)
  await settle('{"a":1}', { version: 101n })
  assert.deepEqual([suspects.size, look.counts.stale], [0, 1])
  assert.deepEqual(state.stored, { version: 101n, json: '{"a":1}' })
})

test('where versions are offsets, a document counts that was seen before the moment with the same one', async () => {
  const { state, look, suspects, settle } = scene({ lastOffsets: new Map([['items', 40n]]) })
  state.stored = { version: 7n, json: '{"a":0}' }
  await settle('{"a":1}')
  state.stored = { version: 8n, json: '{"a":0}' }
  await settle('{"a":1}')
  assert.deepEqual([suspects.size, state.repairs.length], [1, 0])
  await settle('{"a":1}')
  assert.deepEqual(state.repairs, [{ ...NAME, json: '{"a":1}', version: 8n }])
  assert.deepEqual([suspects.size, look.counts.stale], [0, 1])
})

test('where versions are offsets, a missing document is written with the last one of before the moment', async () => {
  const { state, settle } = scene({ lastOffsets: new Map([['items', 40n]]) })
  await settle('{"a":1}')
  await settle('{"a":1}', { lastOffsets: new Map([['items', 41n]]) })
  assert.deepEqual(state.repairs, [{ ...NAME, json: '{"a":1}', version: 41n }])
})

test('a repair that a newer change forestalls is no difference', async () => {
  const { state, look, suspects, settle } = scene()
  state.stored = { version: 7n, json: '{"a":0}' }
  state.taken = false
  await settle('{"a":1}')
  assert.deepEqual([suspects.size, look.counts.stale, look.repaired], [1, 0, 0])
})
