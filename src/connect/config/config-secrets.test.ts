import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { TestWorker, until } from '../testing/test-worker.ts'

describe('a worker with config providers', () => {
  const worker = new TestWorker({
    'config.providers': 'file',
    'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
  })
  const file = worker.file('secrets.properties')
  const source = { 'connector.class': 'CountingSource', count: '10', topic: `\${file:${file}:topic}` }
  const secrets = (count: number) => `topic=first\ncount=${count}\nwords=nothing to count\n`
  before(async () => {
    writeFileSync(file, secrets(10))
    await worker.start()
  })
  after(() => worker.remove())

  it('gives tasks the values, and shows and keeps the variables', async () => {
    await worker.create('c', source)
    await until(async () => (await worker.log.describeTopic('first'))?.partitions[0]?.endOffset === 10n)
    assert.equal(worker.herder.connectorInfo('c').config['topic'], source.topic)
    assert.equal(worker.herder.taskConfigs('c')[0]?.config['topic'], source.topic)
    await worker.stop()
    await worker.start()
    await until(() => worker.states('c') === 'RUNNING RUNNING')
    assert.equal(worker.herder.connectorInfo('c').config['topic'], source.topic)
  })

  it('asks again when a task restarts, and says so when there is nothing to be had', async () => {
    const counted = { ...source, topic: 'again', count: `\${file:${file}:count}` }
    const reaches = (count: bigint) =>
      until(async () => (await worker.log.describeTopic('again'))?.partitions[0]?.endOffset === count)
    await worker.create('again', counted)
    await reaches(10n)
    writeFileSync(file, secrets(20))
    await worker.herder.restartTask({ connector: 'again', task: 0 })
    await reaches(20n)
    await worker.create('gone', { ...source, 'fail.how': '${file:/no/such:x}' }).then(
      () => assert.fail('it was created'),
      (error: Error) => assert.match(error.message, /^Could not read properties from file \/no\/such$/),
    )
  })

  it('hides the values in traces', async () => {
    await worker.create('fails', { ...source, 'start.how': 'fail', 'fail.how': `\${file:${file}:words}` })
    await until(() => worker.states('fails') === 'RUNNING FAILED')
    const trace = worker.herder.connectorStatus('fails').tasks[0]?.trace ?? ''
    assert.match(trace, /There is \[hidden\]/)
  })
})
