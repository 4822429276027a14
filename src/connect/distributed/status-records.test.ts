import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseStatusRecord, statusEntry, type StatusRecord } from './status-records.ts'

/** As a Kafka Connect 4.3.1 worker wrote them. */
const RECORDED: readonly (readonly [key: string, value: string | null, record: StatusRecord])[] = [
  [
    'status-connector-src',
    '{"state":"STOPPED","trace":null,"worker_id":"127.0.0.1:38083","generation":4,"version":"3.7.0.Final"}',
    {
      kind: 'connector',
      connector: 'src',
      status: {
        state: 'STOPPED',
        trace: null,
        workerId: '127.0.0.1:38083',
        generation: 4,
        version: '3.7.0.Final',
      },
    },
  ],
  [
    'status-task-a-b-0',
    '{"state":"UNASSIGNED","trace":null,"worker_id":"127.0.0.1:38083","generation":3,"version":null}',
    {
      kind: 'task',
      id: { connector: 'a-b', task: 0 },
      status: {
        state: 'UNASSIGNED',
        trace: null,
        workerId: '127.0.0.1:38083',
        generation: 3,
        version: null,
      },
    },
  ],
  ['status-task-src-0', null, { kind: 'task', id: { connector: 'src', task: 0 }, status: null }],
  [
    'status-topic-p.public.t:connector-src',
    '{"topic":{"name":"p.public.t","connector":"src","task":0,"discoverTimestamp":1795381075484}}',
    {
      kind: 'topic',
      topic: 'p.public.t',
      connector: 'src',
      use: { task: 0, discoveredMs: 1795381075484 },
    },
  ],
  [
    'status-topic-p.public.t:connector-src',
    null,
    { kind: 'topic', topic: 'p.public.t', connector: 'src', use: null },
  ],
]

describe('records of the status topic', () => {
  for (const [key, value, record] of RECORDED) {
    test(`${key} ${value === null ? 'as a tombstone ' : ''}is read and written as Kafka Connect does`, () => {
      assert.deepEqual(parseStatusRecord(key, value), record)
      assert.deepEqual(statusEntry(record), { key, value })
    })
  }

  test('a status of a worker that tells no version is read', () => {
    const text = '{"state":"FAILED","trace":"why","worker_id":"a:1","generation":1}'
    assert.deepEqual(parseStatusRecord('status-connector-a', text), {
      kind: 'connector',
      connector: 'a',
      status: { state: 'FAILED', trace: 'why', workerId: 'a:1', generation: 1, version: null },
    })
  })

  for (const [key, value] of [
    [null, '{}'],
    ['status-something-a', '{}'],
    ['status-task-a', '{}'],
    ['status-topic-a', '{}'],
    ['status-topic-a:connector-b', '{"topic":null}'],
    ['status-connector-a', 'x'],
    ['status-connector-a', '{"state":"ASLEEP","worker_id":"a","generation":1}'],
    ['status-connector-a', '{"state":"RUNNING","generation":1}'],
    ['status-task-a-0', '{"state":"STOPPED","worker_id":"a","generation":1}'],
  ] as const) {
    test(`${key} with ${value} is refused`, () => {
      assert.throws(() => parseStatusRecord(key, value), { code: 'connect.shared-record-invalid' })
    })
  }
})
