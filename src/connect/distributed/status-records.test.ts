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
      use: { task: 0, discoveredMs: 1795381075484, topicId: null },
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

  test('a topic that is written to has its id in a field of its own', () => {
    const use = { task: 0, discoveredMs: 5, topicId: 'vPeOCWypqUOSepEvx0cbog' }
    const record = { kind: 'topic', topic: 't', connector: 'src', use } as const
    const { key, value } = statusEntry(record)
    assert.equal(
      value,
      '{"topic":{"name":"t","connector":"src","task":0,"discoverTimestamp":5},"tailrace":{"topic_id":"vPeOCWypqUOSepEvx0cbog"}}',
    )
    assert.deepEqual(parseStatusRecord(key, value), record)
  })

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

test('what a worker of tailrace tells of a task beside its state is an addition that nobody has to read', () => {
  const details = {
    waitsFor: '503: no shard is active',
    restarts: { count: 3, reason: 'gone', lastFailureAt: 1795381075484 },
    failure: { code: 'connect.thread-crashed', origin: { topic: 't', partition: 1, offset: 2n ** 60n } },
  } as const
  const status = { state: 'RUNNING', trace: null, workerId: 'w', generation: 1, version: null } as const
  const record = { kind: 'task', id: { connector: 'a', task: 0 }, status: { ...status, details } } as const
  const { key, value } = statusEntry(record)
  assert.match(
    value!,
    /^\{"state":"RUNNING","trace":null,"worker_id":"w","generation":1,"version":null,"tailrace":/,
  )
  assert.deepEqual(parseStatusRecord(key, value), record)

  const told = (tailrace: string) => {
    const text = `{"state":"RUNNING","trace":null,"worker_id":"w","generation":1,"version":null,"tailrace":${tailrace}}`
    return parseStatusRecord(key, text)
  }
  for (const nonsense of ['null', '7', '[]', '{"waits_for":1,"restarts":{"count":"many"}}']) {
    assert.deepEqual(told(nonsense), { ...record, status: { ...status, details: {} } }, nonsense)
  }
  assert.deepEqual(told('{"failure":{"code":"of.tomorrow","origin":{"topic":"t"}}}'), {
    ...record,
    status: { ...status, details: { failure: { code: null, origin: null } } },
  })
})
