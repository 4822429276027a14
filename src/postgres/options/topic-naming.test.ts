import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topicNaming, topicNamingIssues } from './topic-naming.ts'

const PACKAGE = 'io.debezium.schema.'
const PARTS = {
  'topic.prefix': 'p',
  'topic.naming.strategy': `${PACKAGE}DefaultRegexTopicNamingStrategy`,
  'topic.regex': '(.*)part_.*',
  'topic.replacement': '$1parts',
}

test('each strategy names topics as the reference does', () => {
  const cases: [strategy: string, more: Record<string, string>, topic: string][] = [
    ['SchemaTopicNamingStrategy', {}, 'p.public.a_b__'],
    ['SchemaTopicNamingStrategy', { 'topic.delimiter': '-' }, 'p-public-a_b__'],
    ['DefaultTopicNamingStrategy', {}, 'p.a_b__'],
    ['SchemaUnicodeTopicNamingStrategy', {}, 'p.public.a_u005fb_u0020_u65e5'],
    ['DefaultUnicodeTopicNamingStrategy', {}, 'p.a_u005fb_u0020_u65e5'],
    ['SchemaRegexTopicNamingStrategy', { 'topic.regex': '.*public.*', 'topic.replacement': 'all' }, 'all'],
    [
      'SchemaRegexTopicNamingStrategy',
      { 'topic.regex': 'public', 'topic.replacement': 'all' },
      'p.public.a_b__',
    ],
  ]
  for (const [strategy, more, topic] of cases) {
    const config = { 'topic.prefix': 'p', 'topic.naming.strategy': PACKAGE + strategy, ...more }
    assert.deepEqual(topicNamingIssues(config), [])
    assert.equal(topicNaming(config).table('public', 'a_b 日'), topic)
  }
})

test('tables that share a topic get a field in their keys', () => {
  assert.equal(topicNaming(PARTS).table('public', 'part_1'), 'p.parts')
  assert.deepEqual(topicNaming(PARTS).keyField('public', 'part_1'), {
    name: '__dbz__physicalTableIdentifier',
    value: 'p.part_1',
  })
  const named = {
    ...PARTS,
    'topic.key.field.name': 'part',
    'topic.key.field.regex': '.*_(.*)',
    'topic.key.field.replacement': '$1',
  }
  assert.deepEqual(topicNaming(named).keyField('public', 'part_1'), { name: 'part', value: '1' })
  assert.equal(
    topicNaming({ ...PARTS, 'topic.key.enforce.uniqueness': 'false' }).keyField('public', 't'),
    null,
  )
})

test('the topics of heartbeats and transactions can be named', () => {
  const { heartbeats, transactions } = topicNaming({ 'topic.prefix': 'p' })
  assert.deepEqual([heartbeats, transactions], ['__debezium-heartbeat.p', 'p.transaction'])
  const named = { 'topic.prefix': 'p', 'topic.heartbeat.prefix': 'beat', 'topic.transaction': 'tx' }
  assert.equal(topicNaming(named).heartbeats, 'beat.p')
  assert.equal(topicNaming(named).transactions, 'p.tx')
  assert.equal(topicNaming({ ...named, 'topic.heartbeat.name': 'beats' }).heartbeats, 'beats')
})

test('what a strategy needs is asked for, and unknown strategies are refused', () => {
  const of = (config: Record<string, string>): readonly string[] =>
    topicNamingIssues(config).map(({ option }) => option)
  assert.deepEqual(of({ ...PARTS, 'topic.regex': ' ', 'topic.replacement': '' }), [
    'topic.regex',
    'topic.replacement',
  ])
  assert.deepEqual(of({ ...PARTS, 'topic.regex': '(' }), ['topic.regex'])
  assert.deepEqual(of({ ...PARTS, 'topic.key.field.regex': '(.*)' }), ['topic.key.field.replacement'])
  assert.deepEqual(of({ 'topic.naming.strategy': 'com.acme.Topics' }), ['topic.naming.strategy'])
  assert.deepEqual(of({}), [])
})
