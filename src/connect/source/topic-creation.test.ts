import assert from 'node:assert/strict'
import { it } from 'node:test'
import { newTopic, topicCreationIssues } from './topic-creation.ts'

it("leaves partitions to the log's default where nothing is said", () => {
  assert.deepEqual(newTopic('t', {}), { name: 't', partitions: -1, config: {} })
  assert.deepEqual(newTopic('t', { 'topic.creation.default.partitions': '-1' }), {
    name: 't',
    partitions: -1,
    config: {},
  })
})

it('takes the default group, and over it the first group that includes the topic', () => {
  const config = {
    'topic.creation.default.partitions': '3',
    'topic.creation.default.replication.factor': '2',
    'topic.creation.groups': 'compact, wide',
    'topic.creation.compact.include': 'server\\.public\\..*, other',
    'topic.creation.compact.exclude': 'server\\.public\\.big',
    'topic.creation.compact.cleanup.policy': 'compact',
    'topic.creation.wide.include': '.*big',
    'topic.creation.wide.partitions': '12',
  }
  assert.deepEqual(newTopic('server.public.a', config), {
    name: 'server.public.a',
    partitions: 3,
    replicationFactor: 2,
    config: { 'cleanup.policy': 'compact' },
  })
  assert.deepEqual(newTopic('server.public.big', config), {
    name: 'server.public.big',
    partitions: 12,
    replicationFactor: 2,
    config: {},
  })
  assert.equal(newTopic('somewhere.else', config).partitions, 3)
})

it('names what is wrong with a group', () => {
  const config = {
    'topic.creation.groups': 'wide, odd',
    'topic.creation.wide.include': 'server\\.(.*',
    'topic.creation.wide.partitions': '0',
    'topic.creation.odd.include': '.*',
    'topic.creation.odd.replication.factor': 'three',
    'topic.creation.odd.retention.ms': 'left to the brokers',
    'topic.creation.unlisted.partitions': '0',
  }
  const issues = topicCreationIssues(config)
  assert.deepEqual(
    issues.map(({ option }) => option),
    [
      'topic.creation.wide.include',
      'topic.creation.wide.partitions',
      'topic.creation.odd.replication.factor',
    ],
  )
  assert.match(issues[0]!.message, /server/)
  assert.match(issues[1]!.message, /at least 1, or -1/)
  assert.deepEqual(topicCreationIssues({ 'topic.creation.groups': 'bare' }), [])
})
