import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestClient } from './testing/rest-client.ts'

test('health is told of the worker and of its connectors, to everybody', async () => {
  await using client = await RestClient.start()
  for (const path of ['/health', '/health/live', '/health/ready', '/health/connectors']) {
    const { status, json } = await client.call('GET', path)
    assert.deepEqual([status, (json as { status: string }).status], [200, 'healthy'], path)
  }
  assert.deepEqual((await client.call('GET', '/health')).json, {
    status: 'healthy',
    message: 'Worker has completed startup and is ready to handle requests.',
  })
  client.herder.configs.set('c', { 'connector.class': 'FakeSinkConnector' })
  const connectors = await client.call('GET', '/health/connectors')
  assert.deepEqual(
    [connectors.status, connectors.json],
    [
      503,
      {
        status: 'unhealthy',
        message: '1 problem(s) of connectors',
        problems: [{ connector: 'c', task: 0, reason: 'It failed: why' }],
      },
    ],
  )
  const worker = await client.call('GET', '/health')
  assert.deepEqual([worker.status, (worker.json as Record<string, unknown>)['connector_problems']], [200, 1])
  assert.equal((await client.call('GET', '/health/live')).status, 200)
})

test('a worker whose log does not answer is alive, but neither ready nor well', async () => {
  await using client = await RestClient.start()
  client.herder.topicLog.isBroken = true
  const status = async (path: string) => (await client.call('GET', path)).status
  assert.deepEqual(
    [await status('/health'), await status('/health/live'), await status('/health/ready')],
    [500, 200, 503],
  )
})
