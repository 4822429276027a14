import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neededRights } from './needed-rights.ts'

const captured = (topic: string) => [{ topic, columns: [] }]

test('connectors need rights on what they write, read and set aside, and on their groups', () => {
  const files = [
    { name: 'shop', config: { 'offsets.storage.topic': ' own-offsets ' } },
    { name: 'changed', config: { transforms: 'a' } },
    { name: 'index', config: { topics: 'p.orders', 'errors.deadletterqueue.topic.name': ' dead ' } },
    { name: 'matching', config: { 'topics.regex': 'p.*' } },
  ]
  const topics = new Map([
    ['shop', captured('p.orders')],
    ['changed', captured('p.items')],
  ])
  assert.deepEqual(neededRights(files, { topics, tasks: new Map() }, { 'group.id': 'workers' }), {
    topics: [
      { name: 'p.orders', operations: ['Describe', 'Read', 'Write'] },
      { name: 'own-offsets', operations: ['Describe', 'DescribeConfigs', 'Read', 'Write'] },
      { name: 'dead', operations: ['Describe', 'Write'] },
    ],
    groups: ['connect-index', 'connect-matching'],
    transactionalIds: [],
  })
})

test('with exactly-once support, sources and the leader of their group write in transactions', () => {
  const files = [
    { name: 'shop', config: {} },
    { name: 'index', config: { topics: 'a' } },
  ]
  const of = { topics: new Map(), tasks: new Map([['shop', 2]]) }
  const needed = (worker: Record<string, string>) => neededRights(files, of, worker).transactionalIds
  const enabled = { 'exactly.once.source.support': 'Enabled' }
  assert.deepEqual(needed({ ...enabled, 'group.id': 'workers' }), [
    'connect-cluster-workers',
    'workers-shop-0',
    'workers-shop-1',
  ])
  assert.deepEqual(needed(enabled), ['tailrace-shop-0', 'tailrace-shop-1'])
  assert.deepEqual(needed({ 'exactly.once.source.support': 'preparing' }), [])
})
