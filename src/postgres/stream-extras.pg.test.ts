import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../test/servers/postgres.ts'
import { waitFor } from '../../test/wait-for.ts'
import { TaskDriver, type SeenChange } from './testing/task-driver.ts'
import { changesOf, TaskScene } from './testing/task-scene.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres()
})

after(() => server.stop())

function messageOf({ topic, key, record }: SeenChange): unknown {
  const value = plain(record.value) as Record<string, Record<string, unknown>> | null
  const content = value?.['message']?.['content']
  return [topic, key, content instanceof Uint8Array ? Buffer.from(content).toString() : null]
}

function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return value
  const struct = value as { schema: { fields: readonly { name: string }[] }; at(index: number): unknown }
  return Object.fromEntries(struct.schema.fields.map(({ name }, i) => [name, plain(struct.at(i))]))
}

test('logical messages come in their place, filtered by prefix, and once only across restarts', async () => {
  const scene = await TaskScene.create(server, ['create table t (id int primary key)'], {
    'message.prefix.exclude.list': 'noise.*',
  })
  const emit = (isTransactional: boolean, prefix: string, text: string) =>
    scene.sql(`select pg_logical_emit_message(${isTransactional}, '${prefix}', '${text}')`)
  const first = await scene.start()
  await scene.streaming()
  await emit(false, 'plain', 'a')
  await emit(true, 'noise', 'b')
  await scene.sql("begin; insert into t values (1); select pg_logical_emit_message(true, 'tx', 'c'); commit")
  const seen = (await changesOf(first, 3)).map(messageOf)
  assert.deepEqual(seen, [
    ['p.message', { prefix: 'plain' }, 'a'],
    ['p.public.t', { id: 1 }, null],
    ['p.message', { prefix: 'tx' }, 'c'],
  ])
  await first.stop()
  await emit(false, 'plain', 'd')
  await using second = await scene.start()
  await emit(false, 'plain', 'e')
  assert.deepEqual((await changesOf(second, 2)).map(messageOf), [
    ['p.message', { prefix: 'plain' }, 'd'],
    ['p.message', { prefix: 'plain' }, 'e'],
  ])
})

test('parameters of the output plugin reach it, from a walsender and by SQL', async () => {
  const scene = await TaskScene.create(server, ['create table t (id int primary key)'], {
    'slot.stream.params': 'origin=none;messages=false;proto_version=1',
  })
  await scene.sql("select pg_replication_origin_create('elsewhere')")
  const write = async (id: number): Promise<void> => {
    await scene.sql(`select pg_replication_origin_session_setup('elsewhere'); insert into t values (${-id})`)
    await scene.sql("select pg_replication_origin_session_reset(), pg_logical_emit_message(true, 'p', 'm')")
    await scene.sql(`insert into t values (${id})`)
  }
  const seen: unknown[] = []
  for (const [way, threshold] of [
    ['streaming started', '0'],
    ['catching up by SQL', '1'],
  ] as const) {
    const config = { ...scene.config, 'catch.up.threshold.bytes': threshold }
    await using driver = await TaskDriver.start({ config, store: scene.store })
    if (threshold === '0') {
      await scene.streaming()
      await write(1)
    }
    const [change] = await changesOf(driver, 1)
    seen.push(change!.op, change!.after?.['id'])
    assert.ok(driver.logs.includes(way))
    await driver.stop()
    await scene.released()
    if (threshold === '0') await write(2)
  }
  assert.deepEqual(seen, ['c', 1, 'c', 2])
  await scene.sql("select pg_replication_origin_drop('elsewhere')")
})

test('heartbeats are written without any change, and their statement runs', async () => {
  const scene = await TaskScene.create(
    server,
    ['create table beats (n int)', 'insert into beats values (0)'],
    {
      'heartbeat.interval.ms': '50',
      'heartbeat.action.query': 'update beats set n = n + 1',
      'topic.heartbeat.prefix': 'beat',
      'table.include.list': 'public.none',
      'publication.autocreate.mode': 'no_tables',
    },
  )
  await using driver = await scene.start()
  const changes = await changesOf(driver, 2)
  assert.deepEqual([changes[0]!.topic, changes[0]!.key], ['beat.p', { serverName: 'p' }])
  await waitFor('the statement', async () => Number((await scene.sql('select n from beats'))[0]!['n']) > 1)
})

test('a heartbeat statement that fails is logged, and streaming goes on', async () => {
  const scene = await TaskScene.create(server, ['create table t (id int primary key)'], {
    'heartbeat.interval.ms': '50',
    'heartbeat.action.query': 'select 1/0',
  })
  await using driver = await scene.start()
  await waitFor('the log', () => driver.logs.includes('heartbeat.action.query failed'))
  await scene.sql('insert into t values (1)')
  await waitFor('the change', () => driver.changes.some(({ topic }) => topic === 'p.public.t'))
})

/** `BEGIN`, `END 3`, or the orders of a change. */
function orderOf({ record }: SeenChange): string {
  const value = plain(record.value) as Record<string, unknown> | null
  if (value?.['status'] !== undefined) return `${value['status'] as string} ${String(value['event_count'])}`
  const transaction = value?.['transaction'] as Record<string, unknown> | null
  return transaction == null
    ? '-'
    : `${String(transaction['total_order'])} ${String(transaction['data_collection_order'])}`
}

test('transactions are marked, and their changes counted by table; a key change counts as two', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table t (id int primary key)',
      'create table u (id int primary key)',
      'insert into t values (1)',
    ],
    { 'provide.transaction.metadata': 'true' },
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(
    'begin; insert into t values (2); insert into u values (1); update t set id = 3 where id = 2; commit',
  )
  await scene.sql('insert into u values (2)')
  const orders = (await changesOf(driver, 11)).map(orderOf)
  assert.deepEqual(orders, [
    '-',
    'BEGIN null',
    '1 1',
    '2 1',
    '3 2',
    '-',
    '4 3',
    'END 4',
    'BEGIN null',
    '1 1',
    'END 1',
  ])
  const ids = driver.changes.slice(2).map(({ record }) => {
    const value = plain(record.value) as Record<string, Record<string, unknown>> | null
    return value?.['transaction']?.['id']
  })
  const sources = driver.changes.slice(2).map(({ record }) => {
    const value = plain(record.value) as Record<string, Record<string, unknown>> | null
    const source = value?.['source']
    return source === undefined ? undefined : `${String(source['txId'])}:${String(source['lsn'])}`
  })
  assert.deepEqual(ids, sources)
})

test('a transaction that is continued after a restart keeps its numbers, and begins once', async () => {
  const scene = await TaskScene.create(server, ['create table t (id int primary key, filler text)'], {
    'provide.transaction.metadata': 'true',
  })
  let batches = 0
  const first = await TaskDriver.start({
    config: scene.config,
    store: scene.store,
    accept: (batch) => batch.parts.length === 0 || batches++ < 1,
  })
  await scene.streaming()
  await scene.sql("insert into t select i, repeat('x', 1000) from generate_series(1, 5000) i")
  await waitFor('a part of the transaction', () => batches > 1)
  await first.stop()
  assert.ok(first.changes.length > 1 && first.changes.length < 5001, `${first.changes.length} changes`)
  await using second = await scene.start()
  await changesOf(second, 5002 - first.changes.length)
  const orders = [...first.changes, ...second.changes].map(orderOf)
  const expected = Array.from({ length: 5000 }, (_, i) => `${i + 1} ${i + 1}`)
  assert.deepEqual(orders, ['BEGIN null', ...expected, 'END 5000'])
})
