import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { monotonicMs, RecentValues } from './recent-values.ts'

const START = 5_000

function recorded(values: readonly (readonly [seconds: number, value: number])[], atSeconds: number) {
  const recent = new RecentValues()
  for (const [seconds, value] of values) recent.record(value, START + seconds * 1000)
  return recent.read(START + atSeconds * 1000)
}

test('without values there is no average and no greatest, and the rate is none', () => {
  assert.deepEqual(recorded([], 1), { count: 0, sum: 0, max: NaN, average: NaN, perSecond: 0 })
})

test('values count until their sample is a minute old', () => {
  const values = [
    [0, 10],
    [10, 30],
    [29.9, 20],
    [30, 5],
    [40, 7],
  ] as const
  const cases = [
    // Half a minute is added to what has only begun.
    { at: 10, of: values.slice(0, 2), count: 2, max: 30, average: 20, perSecond: 40 / 40 },
    { at: 30, of: values.slice(0, 3), count: 3, max: 30, average: 20, perSecond: 60 / 30 },
    { at: 50, of: values, count: 5, max: 30, average: 72 / 5, perSecond: 72 / 50 },
    { at: 59.9, of: values, count: 5, max: 30, average: 72 / 5, perSecond: 72 / 59.9 },
    { at: 60, of: values, count: 2, max: 7, average: 6, perSecond: 12 / 30 },
    { at: 89.9, of: values, count: 2, max: 7, average: 6, perSecond: 12 / 59.9 },
    { at: 90, of: values, count: 0, max: NaN, average: NaN, perSecond: 0 },
  ]
  for (const { at, of, ...expected } of cases) {
    const { sum: _, ...reading } = recorded(of, at)
    assert.deepEqual(
      { ...reading, perSecond: reading.perSecond.toFixed(6) },
      { ...expected, perSecond: expected.perSecond.toFixed(6) },
      `after ${at} s`,
    )
  }
})

test('a third sample takes the place of the first, be it long after', () => {
  const { max, count } = recorded(
    [
      [0, 100],
      [30, 1],
      [60, 2],
    ],
    61,
  )
  assert.deepEqual([max, count], [2, 2])
  assert.equal(
    recorded(
      [
        [0, 100],
        [30, 1],
        [1000, 2],
        [1030, 4],
      ],
      1031,
    ).sum,
    6,
  )
})

test('negative values and nought have a greatest', () => {
  assert.equal(
    recorded(
      [
        [0, -3],
        [1, -1],
      ],
      2,
    ).max,
    -1,
  )
  assert.equal(recorded([[0, 0]], 2).max, 0)
})

test('threads have one clock', async () => {
  const beforeMs = monotonicMs()
  const source = `
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData).then(({ monotonicMs }) => parentPort.postMessage(monotonicMs()))`
  const thread = new Worker(source, { eval: true, workerData: import.meta.resolve('./recent-values.ts') })
  const [there] = await new Promise<[number]>((resolve, reject) => {
    thread.once('message', (ms: number) => resolve([ms]))
    thread.once('error', reject)
  })
  await thread.terminate()
  assert.ok(beforeMs <= there && there <= monotonicMs(), `${there} is not after ${beforeMs}`)
})
