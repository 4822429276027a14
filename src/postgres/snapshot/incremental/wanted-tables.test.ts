import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SnapshotCollection } from './incremental-progress.ts'
import { WantedTables, type WantedTablesPorts } from './wanted-tables.ts'

/** Tables, and what was told of them, in order. */
function scene() {
  const told: string[] = []
  const tell =
    (what: string) =>
    (...of: readonly unknown[]): void =>
      void told.push([what, ...of.map((one) => JSON.stringify(one))].join(' '))
  const quiet = (): void => undefined
  const ports: WantedTablesPorts = {
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    notifications: {
      incrementalStarted: tell('started'),
      incrementalPaused: tell('paused'),
      incrementalResumed: tell('resumed'),
      incrementalAborted: tell('aborted'),
      incrementalInProgress: tell('progressed'),
      incrementalTableCompleted: (id, tables, { table, status }) =>
        void told.push(`completed ${id} ${tables.join()} ${table} ${status}`),
      incrementalCompleted: tell('all completed'),
    },
    meter: {
      started: quiet,
      added: quiet,
      paused: tell('meter paused'),
      tablesLeft: tell('left'),
      ended: tell('ended'),
    },
  }
  return { tables: new WantedTables(ports), told }
}

const collection = (id: string): SnapshotCollection => ({
  id,
  condition: null,
  surrogateKey: null,
  correlationId: null,
})

test('tables are read one after the other, those that are asked for meanwhile after the rest', () => {
  const { tables, told } = scene()
  assert.equal(tables.add([], 'none'), false)
  assert.equal(tables.add([collection('a')], 'one'), true)
  assert.equal(tables.add([collection('b')], 'two'), false)
  assert.equal(tables.first?.id, 'a')
  assert.deepEqual(tables.stored.correlationId, 'two')
  tables.completed('SUCCEEDED', { rows: 1, total: 1 })
  assert.deepEqual(tables.ids, ['b'])
  tables.completed('EMPTY', { rows: 0, total: null })
  tables.completed('EMPTY', { rows: 0, total: null })
  assert.equal(tables.first, null)
  assert.deepEqual(tables.stored, { collections: [], correlationId: null })
  assert.deepEqual(told, [
    'started "one" ["a"]',
    'completed two a,b a SUCCEEDED',
    'left 1',
    'completed two b b EMPTY',
    'left 0',
    'ended "SnapshotCompleted"',
    'all completed "two"',
  ])
})

test('those that are stopped are told, and the end only when none is left', () => {
  const { tables, told } = scene()
  tables.add([collection('a'), collection('b'), collection('c')], 'one')
  tables.stop((id) => id === 'x')
  tables.stop((id) => id === 'a')
  assert.equal(tables.first?.id, 'b')
  tables.stop(() => true)
  assert.equal(tables.first, null)
  assert.deepEqual(told.slice(1), [
    'aborted "one" ["a"]',
    'left 2',
    'aborted "one" ["b","c"]',
    'left 0',
    'ended "SnapshotAborted"',
  ])
})

test('a snapshot is paused and resumed once, and only where there is one', () => {
  const { tables, told } = scene()
  tables.pause()
  assert.equal(tables.isPaused, false)
  tables.add([collection('a')], 'one')
  tables.pause()
  tables.pause()
  assert.equal(tables.isPaused, true)
  tables.resume()
  tables.resume()
  assert.deepEqual(told.slice(1), [
    'meter paused true',
    'paused "one" ["a"]',
    'meter paused false',
    'resumed "one" ["a"]',
  ])
})
