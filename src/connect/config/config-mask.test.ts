import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestWorker, until } from '../testing/test-worker.ts'

describe('a worker that masks secrets', () => {
  const worker = new TestWorker({ 'config.mask.secrets': 'true' })
  const source = { 'connector.class': 'CountingSource', count: '10', topic: 'masked' }
  before(() => worker.start())
  after(() => worker.remove())

  it('shows stars, and keeps what they stand for when they are posted again', async () => {
    const secret = { ...source, 'own.password': 'hunter2', 'own.empty.password': '' }
    const { herder } = worker
    const { info } = await herder.putConnectorConfig('c', secret, { mode: 'create' })
    assert.deepEqual(info.config, { ...secret, 'own.password': '********', name: 'c' })
    assert.equal(herder.connectorInfo('c').config['own.password'], '********')
    await until(() => worker.states('c') === 'RUNNING RUNNING')
    assert.equal(herder.taskConfigs('c')[0]?.config['own.password'], '********')
    await herder.putConnectorConfig('c', { ...info.config, count: '20' }, { mode: 'createOrUpdate' })
    await herder.patchConnectorConfig('c', { 'poll.delay.ms': '1' })
    const [stored] = (await worker.log.readState('connector-config')).values()
    assert.equal((JSON.parse(stored!) as Record<string, string>)['own.password'], 'hunter2')
  })
})
