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
