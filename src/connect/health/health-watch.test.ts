import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ConnectorStatus, Herder, TaskStatus } from '../herder.ts'
import { SharedMetrics } from '../reported-metrics.ts'
import { TaskMeter } from '../task/task-meter.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { TestWorker, until } from '../testing/test-worker.ts'
import { HealthWatch } from './health-watch.ts'

describe('the watch over connectors', () => {
  const worker = new TestWorker({ 'task.threads': '1', 'tasks.auto.restart.delay.ms': '30' })
  before(() => worker.start())
  after(() => worker.remove())
  let clockMs = 0
  const watch = () =>
    new HealthWatch({
      herder: worker.herder,
      logger: silentLogger,
      stalledAfterMs: 60_000,
      now: () => clockMs,
    })
  const source = { 'connector.class': 'CountingSource', 'poll.delay.ms': '1' }

  it('reports a sink that runs and does not move while records wait for it, and only then', async () => {
    await worker.create('numbers', { ...source, topic: 'numbers', count: '50' })
    await until(async () => (await worker.log.describeTopic('numbers'))?.partitions[0]?.endOffset === 50n)
    const stuck = { 'connector.class': 'CollectingSink', topics: 'numbers', 'fail.how': 'hang' }
    await worker.create('stuck', { ...stuck, file: worker.file('stuck') })
    const good = { 'connector.class': 'CollectingSink', topics: 'numbers', file: worker.file('good') }
    await worker.create('good', good)
    await until(() => worker.lines('good').length === 50)
    await until(async () => (await worker.herder.connectorOffsets('good')).length === 1)
    await until(() => worker.states('stuck') === 'RUNNING RUNNING')
    const seen = watch()
    await seen.look()
    assert.deepEqual(seen.problems(), [])
    clockMs += 61_000
    await seen.look()
    assert.deepEqual(seen.problems(), [
      {
        connector: 'stuck',
        task: null,
        reason: 'It runs but did not move for 61 s: 50 records wait in its topics',
      },
    ])
    await worker.herder.setTargetState('stuck', 'PAUSED')
    await until(() => worker.states('stuck').startsWith('PAUSED'))
    assert.deepEqual(seen.problems(), [])
    await seen.look()
    await worker.herder.deleteConnector('stuck')
    await seen.look()
    assert.deepEqual(seen.problems(), [])
  })

  it('reports what failed, and what is started again and again', async () => {
    await worker.create('broken', { ...source, topic: 'b', 'fail.at': '3', 'fail.how': 'data' })
    await worker.create('away', { ...source, topic: 'a', 'fail.at': '3', 'fail.how': 'retriable' })
    const problems = () =>
      watch()
        .problems()
        .map(({ connector, task, reason }) => `${connector} ${task} ${reason}`)
    await until(() => problems().some((text) => text.startsWith('away')))
    await until(() => problems().some((text) => text.startsWith('broken')))
    const [away, broken] = problems()
    assert.match(away!, /^away 0 It was started again .*RetriableException: The counter is away$/)
    assert.match(broken!, /^broken 0 It failed: org\.apache\.kafka\.connect\.errors\.\w+: /)
  })
})

/** A watch over one source that reports these metrics, and its problems after so many milliseconds. */
function watchOver<N extends string>(names: readonly N[]) {
  let clockMs = 0
  const meter = new TaskMeter()
  const gauge = { type: 'gauge', help: 'Bytes' } as const
  const definitions = Object.fromEntries(names.map((name) => [name, gauge])) as Record<N, typeof gauge>
  const metrics = new SharedMetrics({ prefix: 'x_', labels: {}, metrics: definitions })
  const task: TaskStatus = { id: 0, state: 'RUNNING', workerId: 'w' }
  const connector = { state: 'RUNNING', workerId: 'w' } as const
  const status: ConnectorStatus = { name: 's', connector, tasks: [task], type: 'source' }
  const herder = {
    connectors: () => ['s'],
    connectorStatus: () => status,
    taskMeters: () => [
      {
        id: { connector: 's', task: 0 },
        meter,
        reported: [metrics.reported],
        restarts: new Map(),
        timeShare: () => 1,
      },
    ],
  } as unknown as Herder
  const watch = new HealthWatch({ herder, logger: silentLogger, stalledAfterMs: 60_000, now: () => clockMs })
  const after = async (ms: number) => {
    clockMs += ms
    await watch.look()
    return watch.problems().map(({ reason }) => reason)
  }
  return { meter, metrics, after }
}

it('a source that tells of a backlog and does not move is reported until it moves', async () => {
  const { meter, metrics, after } = watchOver(['backlog'])
  assert.deepEqual(await after(0), [])
  assert.deepEqual(await after(100_000), [], 'nothing to do, nothing wrong')
  metrics.set('backlog', 7)
  assert.deepEqual(await after(10_000), [], 'what came just now may take its time')
  assert.deepEqual(await after(61_000), ['It runs but did not move for 61 s: its server has a backlog of 7'])
  meter.add('source-record-poll-total', 3)
  assert.deepEqual(await after(10_000), [])
})

it('a backlog that grows while the position stands still is a standstill, one behind a position that moves is none', async () => {
  const { metrics, after } = watchOver(['backlog', 'position'])
  metrics.set('position', 100)
  metrics.set('backlog', 7)
  assert.deepEqual(await after(0), [])
  metrics.set('backlog', 9000)
  assert.deepEqual(await after(61_000), [
    'It runs but did not move for 61 s: its server has a backlog of 9000',
  ])
  metrics.set('position', 101)
  assert.deepEqual(await after(61_000), [])
})
