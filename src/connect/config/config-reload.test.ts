import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { ConfigResolver } from '../config-providers/config-resolver.ts'
import { TestWorker, until } from '../testing/test-worker.ts'

describe('values of config providers with a time to live', () => {
  const providers = {
    'config.providers': 'file,steady',
    'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
    'config.providers.file.param.ttl.ms': '10',
    'config.providers.steady.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
  }
  const worker = new TestWorker({ 'task.threads': '1', ...providers })
  before(() => worker.start())
  after(() => worker.remove())

  const file = worker.file('secrets.properties')
  const write = (topic: string) => {
    writeFileSync(`${file}.new`, `topic=${topic}\n`)
    renameSync(`${file}.new`, file)
  }
  const records = async (topic: string) =>
    (await worker.log.describeTopic(topic))?.partitions[0]?.endOffset ?? 0n
  const source = { 'connector.class': 'CountingSource', 'poll.delay.ms': '2', 'batch.size': '1' }

  it('restart the tasks that use them once they have changed, unless the connector wants none of it', async () => {
    write('first')
    await worker.create('follows', { ...source, topic: `\${file:${file}:topic}` })
    const ignores = { ...source, 'config.action.reload': 'none' }
    await worker.create('ignores', { ...ignores, topic: `x\${file:${file}:topic}` })
    await worker.create('steady', { ...source, topic: `y\${steady:${file}:topic}` })
    for (const topic of ['first', 'xfirst', 'yfirst']) await until(async () => (await records(topic)) > 0n)
    write('second')
    await until(async () => (await records('second')) > 0n)
    const reached = await Promise.all([records('xfirst'), records('yfirst')])
    await until(
      async () => (await records('xfirst')) > reached[0] + 5n && (await records('yfirst')) > reached[1] + 5n,
    )
    assert.deepEqual([await records('xsecond'), await records('ysecond')], [0n, 0n])
    assert.equal(worker.herder.connectorInfo('follows').config['topic'], `\${file:${file}:topic}`)
    assert.equal(worker.herder.taskConfigs('follows')[0]!.config['topic'], `\${file:${file}:topic}`)
  })

  it('leave a connector stopped that was stopped', async () => {
    await worker.herder.setTargetState('follows', 'STOPPED')
    await until(() => worker.states('follows') === 'STOPPED')
    write('third')
    const reached = await records('yfirst')
    await until(async () => (await records('yfirst')) > reached + 20n)
    assert.equal(worker.states('follows'), 'STOPPED')
    assert.equal(await records('third'), 0n)
  })

  it('are looked at as often as the shortest time says', () => {
    const resolver = new ConfigResolver({ ...providers, 'config.providers.steady.param.ttl.ms': '70' })
    assert.equal(resolver.ttlMs({ a: 'plain' }), null)
    assert.equal(resolver.ttlMs({ a: '${steady:/x:y}' }), 70)
    assert.equal(resolver.ttlMs({ a: '${steady:/x:y}', b: '-${file:/x:y}-' }), 10)
    assert.throws(() => new ConfigResolver({ ...providers, 'config.providers.file.param.ttl.ms': 'soon' }), {
      name: 'ConfigError',
      message: /param\.ttl\.ms/,
    })
  })
})
