import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { after, test } from 'node:test'
import { RecordBatchReader } from '../../src/api/record-batch.ts'
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts'
import type { Log } from '../../src/log/log.ts'
import { sharedKafka } from '../servers/kafka.ts'
import { startPostgres } from '../servers/postgres.ts'
import { untilStreamed } from '../servers/streaming.ts'
import { sourceConfig, startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const [postgres, kafka] = await Promise.all([startPostgres(), sharedKafka()])
after(async () => {
  await kafka[Symbol.asyncDispose]()
  await postgres.stop()
})

/** A small dose by default; `TAILRACE_KILLS=50` for a long run. */
const KILLS = Number(process.env['TAILRACE_KILLS'] ?? 3)
const ROWS_EACH = 40
const TOPIC = 'eos.public.eos'

test('a worker killed with -9 again and again has every change exactly once for readers of committed records', async (t) => {
  await postgres.query('create table eos (id bigint primary key, version int)')
  await using worker = await startWorker({
    env: {
      CONNECT_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
      CONNECT_GROUP_ID: 'eos',
      CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR: '1',
      CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR: '1',
      CONNECT_STATUS_STORAGE_REPLICATION_FACTOR: '1',
      CONNECT_EXACTLY_ONCE_SOURCE_SUPPORT: 'enabled',
      // So soon its group misses a worker that was killed.
      CONNECT_SESSION_TIMEOUT_MS: '6000',
      CONNECT_HEARTBEAT_INTERVAL_MS: '500',
    },
  })
  await worker.create(
    'eos',
    sourceConfig(postgres, {
      'table.include.list': 'public.eos',
      'topic.prefix': 'eos',
      'slot.name': 'eos',
      'publication.name': 'eos',
      'exactly.once.support': 'required',
    }),
  )
  await untilStreamed(postgres, 'eos')

  const stopped = new AbortController()
  let changes = 0
  const writing = (async () => {
    for (let round = 1; !stopped.signal.aborted; round++) {
      const first = (round - 1) * ROWS_EACH + 1
      await postgres.query(
        `insert into eos select g, 1 from generate_series(${first}, ${first + ROWS_EACH - 1}) g`,
      )
      await postgres.query(
        `update eos set version = 2 where id between ${first} and ${first + ROWS_EACH - 1}`,
      )
      changes += 2 * ROWS_EACH
      // The broker, the worker and PostgreSQL share the machine.
      await delay(100)
    }
  })()
  let committed = 0
  for (let kill = 0; kill < KILLS; kill++) {
    // Some more must have come through; then at any moment, in the middle of a transaction or between two.
    const before = committed
    await waitFor(
      'more records',
      async () => (committed = await worker.records(TOPIC)) > before + ROWS_EACH,
    ).catch((error: unknown) => {
      throw new Error(`after ${kill} kills: ${worker.output.slice(-4000)}`, { cause: error })
    })
    await delay(Math.random() * 300)
    await worker.kill()
    await worker.start()
    if (kill % 2 === 0) continue
    // Its group still waits for the one that was killed, and has a second one that never comes to its work.
    await delay(500)
    await worker.kill()
    await worker.start()
    await waitFor('the topic', async () => (committed = await worker.records(TOPIC)) > 0)
  }
  stopped.abort()
  await writing

  const log = await openKafkaLog({
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'reader',
    isReadCommitted: true,
    internalTopics: {
      offsets: { name: 'unused', partitions: 1, property: 'unused' },
    },
  })
  t.after(() => log.close())
  let seen: ReadonlyMap<string, number> = new Map()
  const total = (): number => [...seen.values()].reduce((sum, count) => sum + count, 0)
  const isComplete = async (): Promise<boolean> => {
    seen = await committedChanges(log)
    return seen.size >= changes
  }
  await waitFor('every change', isComplete).catch((error: unknown) => {
    throw new Error(`${seen.size} of ${changes} came: ${worker.output.slice(-1500)}`, { cause: error })
  })
  t.diagnostic(`${changes} changes, ${KILLS} kills`)
  const several = [...seen].filter(([, count]) => count !== 1)
  assert.deepEqual(several, [])
  assert.equal(total(), changes)
})

/** How often each state of each row is there, as `id/version`. */
async function committedChanges(log: Log): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number>()
  const end = (await log.describeTopic(TOPIC))!.partitions[0]!.endOffset
  for (let offset = 0n; offset < end;) {
    const batches = await log.read({ topic: TOPIC, partition: 0, offset }, 4_000_000)
    if (batches.length === 0) break
    for (const batch of batches) {
      for (const reader = new RecordBatchReader(batch); reader.next();) {
        if (reader.offset < offset) continue
        const { payload } = JSON.parse(reader.value!.toString()) as { payload?: Row } & Row
        const row = payload ?? (JSON.parse(reader.value!.toString()) as Row)
        const key = `${row.id}/${row.version}`
        seen.set(key, (seen.get(key) ?? 0) + 1)
        offset = reader.offset + 1n
      }
    }
  }
  return seen
}

interface Row {
  readonly id: number
  readonly version: number
}
