import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sinkGroupIssues } from './sink-group.ts'
import { parseWorkerConfig } from '../config/worker-config.ts'

test('a sink whose consumer group is the group of the workers is refused', () => {
  const onKafka = parseWorkerConfig({ 'bootstrap.servers': 'kafka:9092', 'group.id': 'connect-a' })
  assert.deepEqual(sinkGroupIssues({ name: 'a' }, onKafka), [
    {
      option: 'name',
      message: 'Consumer group for sink connector named a conflicts with Connect worker group connect-a',
    },
  ])
  assert.deepEqual(sinkGroupIssues({ name: 'b' }, onKafka), [])
  assert.deepEqual(sinkGroupIssues({ name: 'a' }, parseWorkerConfig({ 'group.id': 'connect-a' })), [])
})
