import assert from 'node:assert/strict'
import { it } from 'node:test'
import { exactlyOnceIssues, forbiddenOverrides } from './override-policy.ts'
import { parseWorkerConfig } from './worker-config.ts'

const CLASS = 'org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy'

const config = {
  'producer.override.compression.type': 'lz4',
  'consumer.override.max.poll.records': '10',
  'admin.override.sasl.jaas.config': 'x',
  'producer.compression.type': 'no override',
}

it('lets connectors override clients as the policy of the worker says', () => {
  const cases: [Record<string, string>, string[]][] = [
    [{}, []],
    [
      { 'connector.client.config.override.policy': 'None' },
      ['compression.type', 'max.poll.records', 'sasl.jaas.config'],
    ],
    [
      { 'connector.client.config.override.policy': CLASS },
      ['compression.type', 'max.poll.records', 'sasl.jaas.config'],
    ],
    [{ 'connector.client.config.override.policy': 'Principal' }, ['compression.type', 'max.poll.records']],
    [
      {
        'connector.client.config.override.policy': 'Allowlist',
        'connector.client.config.override.allowlist': 'sasl.jaas.config, compression.type',
      },
      ['max.poll.records'],
    ],
  ]
  for (const [worker, forbidden] of cases) {
    const issues = forbiddenOverrides(config, parseWorkerConfig(worker))
    assert.deepEqual(
      issues.map(({ option }) => option.replace(/^\w+\.override\./, '')),
      forbidden,
    )
  }
  const [first] = forbiddenOverrides(
    config,
    parseWorkerConfig({ 'connector.client.config.override.policy': 'None' }),
  )
  assert.deepEqual(first, {
    option: 'producer.override.compression.type',
    message:
      "The 'None' policy does not allow 'compression.type' to be overridden in the connector configuration.",
  })
})

it('refuses a policy that does not exist', () => {
  assert.throws(() => parseWorkerConfig({ 'connector.client.config.override.policy': 'Some' }), /policy/)
})

it('refuses exactly-once support that is required of a worker on Kafka without it', () => {
  const required = { 'exactly.once.support': 'REQUIRED' }
  const options = (worker: Record<string, string>, connector: Record<string, string>) =>
    exactlyOnceIssues(connector, parseWorkerConfig(worker)).map(({ option }) => option)
  const kafka = { 'bootstrap.servers': 'a:1' }
  assert.deepEqual(options({}, required), [])
  assert.deepEqual(options(kafka, required), ['exactly.once.support'])
  assert.deepEqual(options({ ...kafka, 'exactly.once.source.support': 'enabled' }, required), [])
  assert.deepEqual(options({}, { 'transaction.boundary': 'connector' }), ['transaction.boundary'])
})
