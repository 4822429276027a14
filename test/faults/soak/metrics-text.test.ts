import assert from 'node:assert/strict'
import { test } from 'node:test'
import { histogramOf, metricSum, percentileBetween } from './metrics-text.ts'

const TEXT = `# TYPE took_seconds histogram
took_seconds_bucket{task="0",le="0.01"} 10
took_seconds_bucket{task="0",le="0.1"} 20
took_seconds_bucket{task="0",le="+Inf"} 20
took_seconds_bucket{task="1",le="0.01"} 40
took_seconds_bucket{task="1",le="0.1"} 80
took_seconds_bucket{task="1",le="+Inf"} 80
took_seconds_sum{task="0"} 1.5
restarts_total{cause="a"} 2
restarts_total{cause="b"} 3
restarts 7
`
const took = histogramOf(TEXT, 'took_seconds')

test('a metric is summed over its labels, and others of a longer name are not', () => {
  assert.equal(metricSum(TEXT, 'restarts_total'), 5)
  assert.equal(metricSum(TEXT, 'restarts'), 7)
  assert.equal(metricSum(TEXT, 'nothing'), 0)
  assert.deepEqual([...took], [[0.01, 50], [0.1, 100], [Infinity, 100]]) // prettier-ignore
})

test('a histogram that is not there is missed', () => {
  assert.throws(() => histogramOf(TEXT, 'restarts_total'), /no histogram restarts_total/)
})

test('a percentile is of what was seen between two looks', () => {
  assert.equal(percentileBetween(new Map(), took, 0.5), 0.01)
  assert.equal(percentileBetween(new Map(), took, 0.25), 0.005)
  assert.equal(Math.round(1000 * percentileBetween(new Map(), took, 0.75)), 55)
  const before = new Map([[0.01, 50], [0.1, 50], [Infinity, 50]]) // prettier-ignore
  assert.equal(Math.round(1000 * percentileBetween(before, took, 0.5)), 55)
  assert.ok(Number.isNaN(percentileBetween(took, took, 0.5)))
})

test('what is above the last bound counts as that', () => {
  assert.equal(percentileBetween(new Map(), new Map([[0.01, 0], [Infinity, 5]]), 0.5), 0.01) // prettier-ignore
})
