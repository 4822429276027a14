import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordBatchWriter } from '../../api/record-batch.ts'
import { SourceMeter } from '../source/source-meter.ts'
import { StateTimes } from './state-times.ts'
import { TaskMeter } from './task-meter.ts'

test('what one side counts the other reads, totals and those of the last minute', () => {
  let nowMs = 1000
  const task = new TaskMeter(undefined, () => nowMs)
  const herder = new TaskMeter(task.buffer, () => nowMs)
  task.add('sink-record-read-total', 300)
  nowMs += 10_000
  task.add('sink-record-read-total', 100)
  task.observe('put-batch-time-ms', 4)
  task.observe('put-batch-time-ms', 8)
  task.set('partition-count', 3)
  assert.equal(herder.value('sink-record-read-total'), 400)
  assert.equal(herder.value('partition-count'), 3)
  assert.equal(herder.recent('sink-record-read-total').perSecond, 400 / 40)
  assert.deepEqual(herder.recent('put-batch-time-ms'), {
    count: 2,
    sum: 12,
    max: 8,
    average: 6,
    perSecond: 12 / 30,
  })
  nowMs += 60_000
  assert.equal(herder.value('sink-record-read-total'), 400)
  assert.equal(herder.recent('sink-record-read-total').perSecond, 0)
})

test('what a source polled is under way until its append has ended', () => {
  const meter = new TaskMeter(undefined, () => 1000)
  const counts = new SourceMeter(meter)
  const writer = new RecordBatchWriter()
  for (let i = 0; i < 5; i++) writer.record(0, null, null)
  const encoded = { topic: 't', partition: 0, batch: writer.finish() }
  const polled = { partition: {}, offset: {} }
  counts.polled({ ...polled, parts: [{ kind: 'encoded', ...encoded }] }, 12)
  counts.polled({ ...polled, parts: [{ kind: 'records', records: [] }] }, 700)
  assert.equal(meter.value('source-record-poll-total'), 5)
  assert.equal(meter.recent('poll-batch-time-ms').max, 12)
  assert.equal(meter.recent('batch-size').average, 5)
  counts.encoded([encoded, encoded])
  assert.equal(meter.value('source-record-write-total'), 10)
  assert.equal(meter.value('source-record-active-count'), 10)
  counts.appended({ records: 5, tookMs: 3, isDurable: true })
  assert.equal(meter.value('source-record-active-count'), 5)
  assert.equal(meter.recent('source-record-active-count').max, 10)
  counts.appended({ records: 5, tookMs: 3, isDurable: false })
  assert.equal(meter.value('source-record-active-count'), 5)
  assert.equal(meter.recent('offset-commit-success').average, 0.5)
  assert.equal(meter.recent('offset-commit-time-ms').count, 1)
  counts.reset()
  assert.equal(meter.value('source-record-active-count'), 0)
})

test('the times in states add up to the whole', () => {
  let nowMs = 100
  const times = new StateTimes<'UNASSIGNED' | 'RUNNING' | 'PAUSED'>('UNASSIGNED', () => nowMs)
  assert.equal(times.share('UNASSIGNED'), 0)
  nowMs += 10
  times.entered('RUNNING')
  nowMs += 50
  times.entered('PAUSED')
  nowMs += 20
  times.entered('RUNNING')
  nowMs += 20
  assert.deepEqual(
    (['UNASSIGNED', 'RUNNING', 'PAUSED'] as const).map((state) => times.share(state)),
    [0.1, 0.7, 0.2],
  )
})
