import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DataError } from '../../api/errors.ts'
import { configEntry, parseConfigRecord, type ConfigRecord } from './config-records.ts'

/** As a Kafka Connect 4.3.1 worker wrote them. */
const RECORDED: readonly (readonly [key: string, value: string | null, record: ConfigRecord])[] = [
  [
    'session-key',
    '{"key":"O2GBI796Shup1IoJsA1RlUGVc0aI3vpoM0AFDTVwdXA=","algorithm":"HmacSHA256","creation-timestamp":1795381040274}',
    {
      kind: 'session-key',
      sessionKey: {
        key: Buffer.from('O2GBI796Shup1IoJsA1RlUGVc0aI3vpoM0AFDTVwdXA=', 'base64'),
        algorithm: 'HmacSHA256',
        createdMs: 1795381040274,
      },
    },
  ],
  [
    'connector-a-b-0',
    '{"properties":{"connector.class":"X","name":"a-b-0"}}',
    { kind: 'connector', connector: 'a-b-0', config: { 'connector.class': 'X', name: 'a-b-0' } },
  ],
  ['connector-src', null, { kind: 'connector', connector: 'src', config: null }],
  [
    'task-a-b-0-12',
    '{"properties":{"task.class":"X"}}',
    { kind: 'task', id: { connector: 'a-b-0', task: 12 }, config: { 'task.class': 'X' } },
  ],
  ['commit-src', '{"tasks":1}', { kind: 'commit', connector: 'src', taskCount: 1 }],
  [
    'target-state-src',
    '{"state":"PAUSED","state.v2":"PAUSED"}',
    { kind: 'target', connector: 'src', target: 'PAUSED' },
  ],
  [
    'target-state-src',
    '{"state":"PAUSED","state.v2":"STOPPED"}',
    { kind: 'target', connector: 'src', target: 'STOPPED' },
  ],
  ['target-state-src', null, { kind: 'target', connector: 'src', target: null }],
  ['tasks-fencing-src', '{"task-count":2}', { kind: 'fencing', connector: 'src', taskCount: 2 }],
  [
    'restart-connector-src',
    '{"include-tasks":true,"only-failed":false}',
    { kind: 'restart', request: { connector: 'src', includeTasks: true, onlyFailed: false } },
  ],
  [
    'logger-cluster-org.apache.foo',
    '{"level":"DEBUG"}',
    { kind: 'logger', namespace: 'org.apache.foo', level: 'DEBUG' },
  ],
]

describe('records of the config topic', () => {
  for (const [key, value, record] of RECORDED) {
    test(`${key} ${value === null ? 'as a tombstone ' : ''}is read and written as Kafka Connect does`, () => {
      assert.deepEqual(parseConfigRecord(key, value), record)
      assert.deepEqual(configEntry(record), { key, value })
    })
  }

  test('a target state of a worker that knows no STOPPED is read', () => {
    const record = parseConfigRecord('target-state-a', '{"state":"STARTED"}')
    assert.deepEqual(record, { kind: 'target', connector: 'a', target: 'STARTED' })
  })

  for (const [key, value, problem] of [
    [null, '{}', /no key/],
    ['nonsense', '{}', /nobody here knows/],
    ['connector-', '{}', /nobody here knows/],
    ['connector-a', '{"properties":{"password":"geheim"', /no JSON/],
    ['connector-a', '["geheim"]', /no JSON object/],
    ['connector-a', '{}', /"properties" is no object/],
    ['connector-a', '{"properties":{"p":{"geheim":1}}}', /property p is no text/],
    ['task-a', '{"properties":{}}', /names no task/],
    ['task-a-0', null, /no value/],
    ['commit-a', '{"tasks":-1}', /"tasks" is no count/],
    ['commit-a', null, /no value/],
    ['target-state-a', '{"state":"ASLEEP"}', /unknown state ASLEEP/],
    ['target-state-a', '{}', /"state" is no text/],
    ['session-key', '{"key":"aa"}', /creation-timestamp/],
    ['logger-cluster-a', '{"level":1}', /"level" is no text/],
    ['tasks-fencing-a', '{"task-count":"1"}', /"task-count" is no count/],
  ] as const) {
    test(`${key} with ${value} is refused, and its value is not quoted`, () => {
      assert.throws(
        () => parseConfigRecord(key, value),
        (error: Error) =>
          error instanceof DataError && problem.test(error.message) && !error.message.includes('geheim'),
      )
    })
  }
})
