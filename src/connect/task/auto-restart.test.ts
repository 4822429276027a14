import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestWorker, until } from '../testing/test-worker.ts'

const failing = {
  'connector.class': 'CountingSource',
  'poll.delay.ms': '1',
  count: '100',
  'fail.at': '50',
  'fail.how': 'retriable',
}
const reason = 'org.apache.kafka.connect.errors.RetriableException: The counter is away'

describe('a task that fails again and again for a cause that passes', () => {
  const worker = new TestWorker({
    'task.threads': '1',
    'tasks.auto.restart.delay.ms': '1',
    'tasks.auto.restart.delay.max.ms': '20',
  })
  before(() => worker.start())
  after(() => worker.remove())
  const task = (name: string) => worker.herder.connectorStatus(name).tasks[0]

  it('is started again without end, and its status counts and says why', async () => {
    await worker.create('endless', { ...failing, topic: 'endless' })
    await until(() => (task('endless')?.restarts?.count ?? 0) >= 5)
    const { restarts, state } = task('endless')!
    assert.equal(restarts!.reason, reason)
    assert.ok(Math.abs(Date.now() - restarts!.lastFailureAt) < 60_000)
    assert.notEqual(state, 'FAILED')
  })

  it('fails for good after as many restarts as its connector allows; a restart on request begins anew', async () => {
    await worker.create('limited', { ...failing, topic: 'limited', 'tasks.auto.restart.max': '3' })
    await until(() => task('limited')?.state === 'FAILED')
    assert.equal(task('limited')!.restarts!.count, 3)
    assert.equal(task('limited')!.trace, reason)
    await worker.herder.restartTask({ connector: 'limited', task: 0 })
    await until(() => task('limited')?.state !== 'FAILED')
    await until(() => task('limited')?.state === 'FAILED' && task('limited')?.restarts?.count === 3)
  })

  it('fails for good after as many restarts as its plugin allows it', async () => {
    await worker.create('own', { ...failing, topic: 'own', 'own.restarts': '2' })
    await until(() => task('own')?.state === 'FAILED')
    assert.equal(task('own')!.restarts!.count, 2)
  })

  it('is not started again where the connector wants none, or its data are bad', async () => {
    await worker.create('never', { ...failing, topic: 'never', 'tasks.auto.restart.max': '0' })
    await worker.create('bad', { ...failing, topic: 'bad', 'fail.how': 'data' })
    for (const name of ['never', 'bad']) {
      await until(() => task(name)?.state === 'FAILED')
      assert.equal(task(name)!.restarts, undefined)
    }
  })

  it('has recovered once it ran for long: the count is gone', async () => {
    const patient = { 'tasks.auto.restart.max': '1', 'tasks.auto.restart.reset.ms': '1' }
    await worker.create('slow', { ...failing, topic: 'slow', 'poll.delay.ms': '30', ...patient })
    // Two failures in a row would be one too many; each run is long enough to count as recovered.
    const failures = new Set<number>()
    await until(() => {
      assert.notEqual(task('slow')?.state, 'FAILED')
      const { restarts } = task('slow') ?? {}
      return restarts !== undefined && failures.add(restarts.lastFailureAt).size >= 3
    })
  })

  it('is refused with limits that make no sense', async () => {
    const wrong = { ...failing, topic: 't', 'tasks.auto.restart.max': 'often' }
    await assert.rejects(worker.create('wrong', wrong), {
      name: 'ConfigError',
      message: /tasks\.auto\.restart\.max: Not a number of type INT/,
    })
  })
})
