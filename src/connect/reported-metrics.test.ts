import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsBoard, readMetrics, SharedMetrics } from './reported-metrics.ts'

function metrics(server: string) {
  return new SharedMetrics({
    prefix: 'debezium_metrics_',
    labels: { name: server },
    metrics: {
      Rows: { type: 'counter', help: 'rows' },
      LastEvent: { type: 'gauge', help: 'age', shownAs: 'age' },
    },
  })
}

test('numbers are read where the task writes them', () => {
  const own = metrics('a')
  const values = () => readMetrics(own.reported, 5000).map(({ name, value }) => [name, value])
  assert.deepEqual(values(), [
    ['debezium_metrics_Rows', 0],
    ['debezium_metrics_LastEvent', -1],
  ])
  own.add('Rows', 3)
  own.add('Rows')
  own.set('LastEvent', 4200)
  assert.deepEqual(values(), [
    ['debezium_metrics_Rows', 4],
    ['debezium_metrics_LastEvent', 800],
  ])
})

test('a group takes the place of the one with the same labels', () => {
  const board = new MetricsBoard()
  for (const server of ['a', 'b', 'a']) board.put(metrics(server).reported)
  assert.deepEqual(
    board.groups.map(({ group }) => group.labels['name']),
    ['a', 'b'],
  )
  board.clear()
  assert.deepEqual(board.groups, [])
})
