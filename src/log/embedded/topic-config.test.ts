import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '../contract/contract-log.ts'
import { checkNewTopic } from './topic-config.ts'

test('without settings a topic is kept for seven days', () => {
  assert.deepEqual(checkNewTopic({ name: 't', partitions: 1 }), {
    retentionMs: 604_800_000,
    retentionBytes: null,
    segmentBytes: 134_217_728,
  })
})

test('settings are read as Kafka reads them', () => {
  const config = {
    'retention.ms': '-1',
    'retention.bytes': '5',
    'segment.bytes': '1048576',
    'cleanup.policy': 'delete',
  }
  assert.deepEqual(checkNewTopic({ name: 't', partitions: 1, config }), {
    retentionMs: null,
    retentionBytes: 5,
    segmentBytes: 1_048_576,
  })
})

const refused = [
  { config: { 'retention.ms': 'a week' }, partitions: 1, code: 'log.topic-invalid' },
  { config: { 'retention.bytes': '-2' }, partitions: 1, code: 'log.topic-invalid' },
  { config: { 'segment.bytes': '' }, partitions: 1, code: 'log.topic-invalid' },
  { config: { 'segment.bytes': '1e6' }, partitions: 1, code: 'log.topic-invalid' },
  { config: {}, partitions: 0, code: 'log.topic-invalid' },
  { config: {}, partitions: 1.5, code: 'log.topic-invalid' },
  { config: {}, partitions: 10_001, code: 'log.topic-invalid' },
  { config: { 'cleanup.policy': 'compact' }, partitions: 1, code: 'log.policy-unsupported' },
  { config: { 'cleanup.policy': 'compact,delete' }, partitions: 1, code: 'log.policy-unsupported' },
]

for (const { config, partitions, code } of refused) {
  test(`${JSON.stringify(config)} with ${partitions} partitions is refused`, () => {
    assert.throws(() => checkNewTopic({ name: 't', partitions, config }), hasCode(code))
  })
}
