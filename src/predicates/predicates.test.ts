import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Predicate } from '../api/plugin.ts'
import type { ConnectRecord } from '../api/record.ts'
import type { Schema } from '../api/schema.ts'
import { hasHeaderKey } from './has-header-key.ts'
import { recordIsTombstone } from './record-is-tombstone.ts'
import { topicNameMatches } from './topic-name-matches.ts'

const STRING: Schema = { type: 'string', optional: true }
const headers = [{ name: 'h', schema: STRING, value: 'x' }]
const topicIs = (pattern: string): Predicate => topicNameMatches.create({ pattern })
const hasHeader = (name: string): Predicate => hasHeaderKey.create({ name })

const TABLE: readonly (readonly [string, Predicate, Partial<ConnectRecord>, boolean])[] = [
  ['TopicNameMatches of the whole name', topicIs('.*\\.public\\.t'), {}, true],
  ['TopicNameMatches of a part', topicIs('public'), {}, false],
  ['TopicNameMatches minding the case', topicIs('P.PUBLIC.T'), {}, false],
  ['HasHeaderKey that is there', hasHeader('h'), { headers }, true],
  ['HasHeaderKey that is not there', hasHeader('H'), { headers }, false],
  ['RecordIsTombstone of a value', recordIsTombstone.create({}), {}, false],
  ['RecordIsTombstone of a null', recordIsTombstone.create({}), { valueSchema: null, value: null }, true],
  ['RecordIsTombstone of a null with a schema', recordIsTombstone.create({}), { value: null }, true],
]

for (const [what, predicate, more, expected] of TABLE) {
  it(`${what} is ${expected}, for a template too`, () => {
    const record: ConnectRecord = {
      topic: 'p.public.t',
      partition: null,
      keySchema: null,
      key: null,
      valueSchema: STRING,
      value: 'v',
      timestamp: null,
      headers: [],
      ...more,
    }
    assert.equal(predicate.test(record), expected)
    const { topic, valueSchema, value } = record
    const template = valueSchema && ({ kind: 'constant', schema: valueSchema, value } as const)
    const compiled = predicate.compile!({
      topic,
      key: null,
      value: template,
      headers: record.headers.map(({ name, value }) => ({
        name,
        value: { kind: 'constant', schema: STRING, value },
      })),
    })
    assert.equal(compiled, expected)
  })
}

it('RecordIsTombstone cannot say of a slot whether it is null', () => {
  const value = { kind: 'slot', schema: STRING, slot: {} } as const
  assert.equal(recordIsTombstone.create({}).compile!({ topic: 't', key: null, value, headers: [] }), null)
})

it('predicates tell what is wrong with their options', () => {
  const errors = (plugin: typeof hasHeaderKey, config: Record<string, string>) =>
    plugin.configDef.validate(config).flatMap((state) => state.errors)
  assert.deepEqual(errors(topicNameMatches, {}), [
    'Missing required configuration "pattern" which has no default value.',
    'Invalid value null for configuration pattern: Invalid regex: null',
  ])
  assert.deepEqual(errors(topicNameMatches, { pattern: '' }), [
    'Invalid value  for configuration pattern: String must be non-empty',
  ])
  assert.deepEqual(errors(hasHeaderKey, { name: '' }), [
    'Invalid value  for configuration name: String must be non-empty',
  ])
})
