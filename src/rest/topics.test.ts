import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestClient, type RawAnswer } from './testing/rest-client.ts'

const bytes = (text: string) => Buffer.from(text)

interface Records {
  readonly records: readonly { readonly offset: number; readonly key: unknown; readonly value: unknown }[]
  readonly next_offset: number
}

function offsets({ json }: RawAnswer): readonly number[] {
  return (json as Records).records.map(({ offset }) => offset)
}

test('topics are listed and described', async () => {
  await using client = await RestClient.start()
  client.herder.topicLog.append('t', [[null, bytes('1')]])
  assert.deepEqual((await client.call('GET', '/topics')).json, ['t'])
  assert.deepEqual((await client.call('GET', '/topics/t')).json, {
    name: 't',
    partitions: [{ partition: 0, start_offset: 0, end_offset: 1 }],
  })
  assert.deepEqual((await client.call('GET', '/topics/none')).json, {
    error_code: 404,
    message: 'Topic none not found',
  })
})

test('records show keys and values as text, and bytes that are none as base64', async () => {
  await using client = await RestClient.start()
  client.herder.topicLog.append('t', [
    [bytes('{"id":1}'), bytes('{"id":1,"name":"é"}')],
    [bytes('{"id":1}'), null],
    [null, Uint8Array.of(0xff, 0x00)],
  ])
  assert.deepEqual((await client.call('GET', '/topics/t/records')).json, {
    records: [
      {
        partition: 0,
        offset: 0,
        timestamp: 1_700_000_000_000,
        key: '{"id":1}',
        value: '{"id":1,"name":"é"}',
        headers: [],
      },
      { partition: 0, offset: 1, timestamp: 1_700_000_000_000, key: '{"id":1}', value: null, headers: [] },
      {
        partition: 0,
        offset: 2,
        timestamp: 1_700_000_000_000,
        key: null,
        value: { base64: '/wA=' },
        headers: [],
      },
    ],
    next_offset: 3,
  })
})

test('records are read in pages across batches', async () => {
  await using client = await RestClient.start()
  for (let batch = 0; batch < 3; batch++) {
    client.herder.topicLog.append(
      't',
      [1, 2, 3].map((n) => [null, bytes(String(n))] as const),
    )
  }
  const first = await client.call('GET', '/topics/t/records?limit=4')
  assert.deepEqual(offsets(first), [0, 1, 2, 3])
  assert.equal((first.json as Records).next_offset, 4)
  assert.deepEqual(offsets(await client.call('GET', '/topics/t/records?offset=4&limit=100')), [4, 5, 6, 7, 8])
  const end = await client.call('GET', '/topics/t/records?offset=9')
  assert.deepEqual(end.json, { records: [], next_offset: 9 })
})

test('an answer has a thousand records at most, and some megabytes', async () => {
  await using client = await RestClient.start()
  client.herder.topicLog.append(
    'many',
    Array.from({ length: 1500 }, () => [null, bytes('x')] as const),
  )
  client.herder.topicLog.append(
    'large',
    Array.from({ length: 10 }, () => [null, Buffer.alloc(1_500_000, 'x')] as const),
  )
  assert.equal(offsets(await client.call('GET', '/topics/many/records?limit=5000')).length, 1000)
  assert.deepEqual(offsets(await client.call('GET', '/topics/large/records')), [0, 1, 2])
})

test('parameters that are no numbers are 400, an unknown partition is 404', async () => {
  await using client = await RestClient.start()
  client.herder.topicLog.append('t', [[null, null]])
  for (const [query, status] of [
    ['offset=x', 400],
    ['offset=-1', 400],
    ['limit=1.5', 400],
    ['partition=1', 404],
    ['limit=0', 200],
  ] as const) {
    assert.equal((await client.call('GET', `/topics/t/records?${query}`)).status, status, query)
  }
})

test('a topic is deleted only when no connector that runs has it', async () => {
  await using client = await RestClient.start()
  client.herder.topicLog.append('t', [[null, null]])
  client.herder.configs.set('c', {})
  assert.deepEqual((await client.call('DELETE', '/topics/t')).json, {
    error_code: 409,
    message: 'Topic t is in use by connector c; stop or delete the connector first',
  })
  client.herder.states.set('c', 'STOPPED')
  assert.equal((await client.call('DELETE', '/topics/t')).status, 204)
  assert.equal((await client.call('DELETE', '/topics/t')).status, 404)
})

test('records are appended in the form in which they are answered', async () => {
  await using client = await RestClient.start()
  assert.equal((await client.call('PUT', '/topics/t', { json: { partitions: 1 } })).status, 201)
  assert.equal((await client.call('PUT', '/topics/t')).status, 200)
  const records = [
    { key: 'k', value: 'v', headers: [['h', 'x']], timestamp: 1_700_000_000_000 },
    { partition: 0, value: { base64: '/wA=' }, timestamp: 1 },
    {},
  ]
  assert.equal((await client.call('POST', '/topics/t/records', { json: { records } })).status, 204)
  const answered = (await client.call('GET', '/topics/t/records')).json as {
    readonly records: readonly Readonly<Record<string, unknown>>[]
  }
  assert.deepEqual(
    answered.records.map(({ key, value, headers }) => [key, value, headers]),
    [
      ['k', 'v', [['h', 'x']]],
      [null, { base64: '/wA=' }, []],
      [null, null, []],
    ],
  )
  assert.deepEqual(
    answered.records.slice(0, 2).map(({ timestamp }) => timestamp),
    [1_700_000_000_000, 1],
  )
})

const badRecords: readonly (readonly [what: string, body: unknown, status: number, message: RegExp])[] = [
  ['no list', {}, 500, /must have a list "records"/],
  ['a record that is no object', { records: [1] }, 400, /Record 1: it must be a JSON object; nothing was/],
  ['an unknown field', { records: [{}, { valeu: '' }] }, 400, /Record 2: it has an unknown field "valeu"/],
  ['a value that is a number', { records: [{ value: 1 }] }, 400, /Record 1: the value must be text/],
  ['bad base64', { records: [{ key: { base64: '*' } }] }, 400, /Record 1: the key is not valid base64/],
  ['a header without a value', { records: [{ headers: [['a']] }] }, 400, /each header must be/],
  ['a partition that is none', { records: [{ partition: 1.5 }] }, 400, /partition must be a whole number/],
  ['a partition that is not there', { records: [{ partition: 9 }] }, 404, /has no partition 9/],
]
for (const [what, body, status, message] of badRecords) {
  test(`nothing is appended of a request with ${what}`, async () => {
    await using client = await RestClient.start()
    client.herder.topicLog.append('t', [[null, bytes('1')]])
    const answer = await client.call('POST', '/topics/t/records', { json: body })
    assert.equal(answer.status, status)
    assert.match((answer.json as { message: string }).message, message)
    assert.deepEqual(offsets(await client.call('GET', '/topics/t/records')), [0])
  })
}
