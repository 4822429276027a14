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

test('a histogram has what is not above each of its bounds, and the sum of all', () => {
  const took = new SharedMetrics({
    prefix: '',
    labels: {},
    metrics: {
      before: { type: 'counter', help: '' },
      took: { type: 'histogram', help: '', buckets: [0.1, 1, 10] },
      after: { type: 'counter', help: '' },
    },
  })
  took.add('before', 7)
  took.add('after', 8)
  for (const seconds of [0.05, 0.1, 1, 20]) took.observe('took', seconds)
  took.observe('took', 0.5, 10)
  const [before, histogram, after] = readMetrics(took.reported, 0)
  assert.deepEqual([before!.value, histogram!.value, after!.value], [7, 14, 8])
  assert.deepEqual(
    histogram!.histogram!.upTo.map(({ count }) => count),
    [2, 13, 13],
  )
  assert.ok(Math.abs(histogram!.histogram!.sum - 26.15) < 1e-9)
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
