import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectorConfig } from '../../api/config-def.ts'
import { overrideStates } from './client-overrides.ts'
import { parseWorkerConfig } from './worker-config.ts'

const worker = parseWorkerConfig({})

function namesOf(
  type: 'source' | 'sink',
  config: ConnectorConfig,
  more: Record<string, string> = {},
): string[] {
  return overrideStates(type, config, parseWorkerConfig(more)).map(({ name }) => name)
}

test('overrides are those of the clients that a connector has', () => {
  const [producer, consumer, admin] = ['producer', 'consumer', 'admin'].map(
    (kind) => `${kind}.override.client.id`,
  )
  const all = { [producer!]: 'p', [consumer!]: 'c', [admin!]: 'a', 'producer.client.id': 'no override' }
  assert.deepEqual(namesOf('source', all), [producer])
  assert.deepEqual(namesOf('sink', all), [consumer])
  assert.deepEqual(namesOf('sink', { ...all, 'errors.deadletterqueue.topic.name': 'dead' }), [
    producer,
    consumer,
    admin,
  ])
  const creating = { ...all, 'topic.creation.default.partitions': '1' }
  assert.deepEqual(namesOf('source', creating), [producer, admin])
  assert.deepEqual(namesOf('source', creating, { 'topic.creation.enable': 'false' }), [producer])
})

test("an override is shown with its value and the client's own default, and nothing of a property that no client has", () => {
  const config = {
    'producer.override.linger.ms': ' 20 ',
    'producer.override.bootstrap.servers': 'a:1, b:2',
    'producer.override.acks': null,
    'producer.override.toString': 'x',
  }
  const shown = overrideStates('source', config, worker).map(({ name, definition, value, errors }) => {
    assert.deepEqual(errors, [])
    return [name.slice('producer.override.'.length), definition?.type, definition?.default, value]
  })
  assert.deepEqual(shown, [
    ['linger.ms', 'LONG', 5n, 20n],
    ['bootstrap.servers', 'LIST', undefined, ['a:1', 'b:2']],
    ['acks', 'STRING', 'all', null],
    ['toString', undefined, undefined, 'x'],
  ])
})

test("a value that is not of its option's type is an error", () => {
  for (const [type, name, value, problem] of [
    ['sink', 'consumer.override.max.poll.records', 'many', 'Not a number of type INT'],
    ['source', 'producer.override.enable.idempotence', 'maybe', 'Expected value to be either true or false'],
  ] as const) {
    const [state] = overrideStates(type, { [name]: value }, worker)
    assert.deepEqual(state?.errors, [`Invalid value ${value} for configuration ${name}: ${problem}`])
  }
})
