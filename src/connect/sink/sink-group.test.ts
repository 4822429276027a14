import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sinkGroup, sinkGroupIssues } from './sink-group.ts'
import { parseWorkerConfig } from '../config/worker-config.ts'

test('a sink has the group of its name, or the one that it wants', () => {
  assert.equal(sinkGroup('a', { name: 'a' }), 'connect-a')
  assert.equal(sinkGroup('a', { name: 'a', 'consumer.override.group.id': ' mine ' }), 'mine')
  assert.equal(sinkGroup('a', { name: 'a', 'consumer.override.group.id': '' }), 'connect-a')
})

test('a sink whose consumer group is the group of the workers is refused', () => {
  const onKafka = parseWorkerConfig({ 'bootstrap.servers': 'kafka:9092', 'group.id': 'connect-a' })
  assert.deepEqual(sinkGroupIssues({ name: 'a' }, onKafka), [
    {
      option: 'name',
      message: 'Consumer group for sink connector named a conflicts with Connect worker group connect-a',
    },
  ])
  assert.deepEqual(sinkGroupIssues({ name: 'b' }, onKafka), [])
  const named = { name: 'b', 'consumer.override.group.id': 'connect-a' }
  assert.deepEqual(sinkGroupIssues(named, onKafka), [
    {
      option: 'consumer.override.group.id',
      message: 'Consumer group connect-a conflicts with Connect worker group connect-a',
    },
  ])
  assert.deepEqual(sinkGroupIssues({ name: 'a', 'consumer.override.group.id': 'mine' }, onKafka), [])
  assert.deepEqual(sinkGroupIssues({ name: 'a' }, parseWorkerConfig({ 'group.id': 'connect-a' })), [])
})
