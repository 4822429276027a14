import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ConfigRecord } from './config-records.ts'
import { ConfiguredConnectors, type ConfigChange } from './configured-connectors.ts'

const config = { 'connector.class': 'X' }
const connector = (name: string): ConfigRecord => ({ kind: 'connector', connector: name, config })
const task = (name: string, task: number, value: string): ConfigRecord => ({
  kind: 'task',
  id: { connector: name, task },
  config: { value },
})
const commit = (name: string, taskCount: number): ConfigRecord => ({
  kind: 'commit',
  connector: name,
  taskCount,
})

function play(records: readonly ConfigRecord[]): { state: ConfiguredConnectors; changes: ConfigChange[] } {
  const state = new ConfiguredConnectors()
  return { state, changes: records.map((record, i) => state.apply(record, BigInt(i))) }
}

describe('configured connectors', () => {
  test('task configurations count once they are committed', () => {
    const records = [connector('a'), task('a', 0, '1'), task('a', 1, '2')]
    assert.deepEqual(play(records).state.get('a')?.taskConfigs, [])
    const { state, changes } = play([...records, commit('a', 2), task('a', 0, '3')])
    assert.deepEqual(changes, ['connector', null, null, 'tasks', null])
    const { taskConfigs, taskGeneration, appliedConfig, isFencingPending } = state.get('a')!
    assert.deepEqual(taskConfigs, [{ value: '1' }, { value: '2' }])
    assert.equal(taskGeneration, 3n)
    assert.equal(appliedConfig, config)
    assert.equal(isFencingPending, true)
    assert.deepEqual([...state.tasks()], [['a', [0, 1].map((task) => ({ connector: 'a', task }))]])
  })

  test('a commit some of whose task configurations are gone leaves the connector without tasks, to make them anew', () => {
    const { state } = play([connector('a'), task('a', 1, '2'), commit('a', 2)])
    assert.deepEqual(state.get('a')?.taskConfigs, [])
    assert.equal(state.get('a')?.isInconsistent, true)
    state.apply(task('a', 0, '1'), 3n)
    state.apply(commit('a', 1), 4n)
    assert.equal(state.get('a')?.isInconsistent, false)
    assert.equal(state.get('a')?.taskConfigs.length, 1)
  })

  test('a commit without its connector is what compaction left of a deleted one', () => {
    const { state, changes } = play([task('a', 0, '1'), commit('a', 1), connector('a')])
    assert.deepEqual(changes, [null, null, 'connector'])
    assert.deepEqual(state.get('a')?.taskConfigs, [])
  })

  test('a target state may come before its connector, and goes with its tombstone', () => {
    const target = (target: 'PAUSED' | 'STARTED' | null): ConfigRecord => ({
      kind: 'target',
      connector: 'a',
      target,
    })
    const { state, changes } = play([target('PAUSED'), connector('a'), target('PAUSED'), target(null)])
    assert.deepEqual(changes, [null, 'connector', null, 'target'])
    assert.equal(state.get('a')?.target, 'STARTED')
  })

  test('a connector that is deleted and created again has nothing of before', () => {
    const { state, changes } = play([
      connector('a'),
      task('a', 0, '1'),
      commit('a', 1),
      { kind: 'fencing', connector: 'a', taskCount: 1 },
      { kind: 'connector', connector: 'a', config: null },
      { kind: 'connector', connector: 'a', config: null },
      connector('a'),
    ])
    assert.deepEqual(changes, ['connector', null, 'tasks', 'fencing', 'removed', null, 'connector'])
    assert.deepEqual(state.names(), ['a'])
    assert.deepEqual(state.get('a')?.taskConfigs, [])
    // Transactions of its tasks may still be open.
    assert.equal(state.get('a')?.fencedTaskCount, 1)
  })

  test('after a fencing its tasks may start, until others are committed', () => {
    const { state } = play([
      connector('a'),
      task('a', 0, '1'),
      commit('a', 1),
      { kind: 'fencing', connector: 'a', taskCount: 1 },
    ])
    assert.equal(state.get('a')?.isFencingPending, false)
    state.apply(commit('a', 0), 4n)
    assert.equal(state.get('a')?.isFencingPending, true)
    assert.equal(state.get('a')?.fencedTaskCount, 1)
  })
})
