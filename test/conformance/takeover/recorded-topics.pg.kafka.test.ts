import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { RecordBatchReader, RecordBatchWriter } from '../../../src/api/record-batch.ts'
import { openKafkaLog } from '../../../src/log/kafka/kafka-log.ts'
import type { Log } from '../../../src/log/log.ts'
import { startKafka, workersOnKafka } from '../../servers/kafka.ts'
import { startPostgres } from '../../servers/postgres.ts'
import { startSearch } from '../../servers/search.ts'
import { startWorker, type WorkerProcess } from '../../servers/worker.ts'
import { waitFor } from '../../wait-for.ts'

interface StoredRecord {
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly value: string | null
}

const [SOURCE, SINK] = ['inventory-connector', 'elasticsearch-sink-connector']
const DATA = 'postgres_server.public.test_table'
const PARTITIONS: Readonly<Record<string, number>> = {
  'connect-configs': 1,
  'connect-offsets': 25,
  'connect-status': 5,
  [DATA]: 1,
}

const [postgres, kafka, search] = await Promise.all([startPostgres(), startKafka(), startSearch()])
let log: Log
before(async () => {
  const bootstrapServers = [kafka.bootstrapServers]
  log = await openKafkaLog({
    bootstrapServers,
    clientId: 'test',
    internalTopics: {
      offsets: { name: 'connect-offsets', partitions: 25, property: 'offset.storage.topic' },
    },
  })
})
after(async () => {
  await log.close()
  await Promise.all([postgres.stop(), kafka.stop(), search.stop()])
})

test('a worker goes on where one of Kafka Connect ended, and what it writes has the same form', async () => {
  const recorded = await prepare()
  await using worker = await startWorker({
    env: { ...workersOnKafka(kafka, 'connect'), CONNECT_PLUGIN_PATH: '/usr/share/java' },
  })
  for (const name of [SOURCE, SINK]) {
    await waitFor(`${name} to run`, async () => {
      const { connector, tasks, trace } = await worker.states(name)
      assert.deepEqual([connector, ...tasks], ['RUNNING', 'RUNNING'], trace)
      return true
    })
  }
  await worker.hasWritten(/plugin\.path/)
  // What changed while nobody ran.
  await names(worker, ['Alice', 'Bob', 'Carol', 'Robert', 'Dave'])
  await postgres.query("INSERT INTO test_table (name) VALUES ('Erin')")
  await names(worker, ['Alice', 'Bob', 'Carol', 'Robert', 'Dave', 'Erin'])
  const ops = (await read(DATA)).map(({ value }) => (JSON.parse(value!) as { __op: string }).__op)
  assert.deepEqual(ops, ['r', 'r', 'c', 'u', 'c', 'c'], 'nothing was snapshotted again')
  // The sink had all before; its offsets say so.
  const documents = await waitFor('the documents', async () => {
    const found = await documentIds()
    return found.length >= 2 && found
  })
  assert.deepEqual(documents, [`${DATA}+0+4`, `${DATA}+0+5`])

  await changeEverything(worker)
  await worker.terminate()
  await sameForms(recorded)
})

/** What Kafka Connect left, with the addresses of this test. */
async function prepare(): Promise<readonly StoredRecord[]> {
  await postgres.query(
    'CREATE TABLE test_table (id serial PRIMARY KEY, name varchar(50) NOT NULL, description text)',
  )
  await postgres.query("INSERT INTO test_table (name) VALUES ('Alice'), ('Robert'), ('Carol')")
  await postgres.query('CREATE PUBLICATION debezium_publication FOR ALL TABLES')
  const [slot] = await postgres.query(
    "SELECT lsn FROM pg_create_logical_replication_slot('debezium', 'pgoutput')",
  )
  const [position] = await postgres.query(`SELECT ('${String(slot!['lsn'])}'::pg_lsn - '0/0')::text AS lsn`)
  await postgres.query("INSERT INTO test_table (name) VALUES ('Dave')")
  const passwordIs = (password: string) => `\\"database.password\\":\\"${password}\\"`
  const recorded = readRecorded((text) =>
    text
      .replaceAll('27621520', String(position!['lsn']))
      .replaceAll('http://127.0.0.1:15901', search.url)
      .replaceAll('15732', String(postgres.port))
      .replaceAll(passwordIs('postgres'), passwordIs(postgres.password)),
  )
  for (const [name, partitions] of Object.entries(PARTITIONS)) {
    const config = name === DATA ? {} : { config: { 'cleanup.policy': 'compact' } }
    await log.createTopic({ name, partitions, replicationFactor: 1, ...config })
  }
  for (const { topic, partition, key, value } of recorded) {
    const writer = new RecordBatchWriter()
    writer.record(Date.now(), Buffer.from(key), value === null ? null : Buffer.from(value))
    await log.append({ batches: [{ topic, partition, batch: writer.finish() }] })
  }
  await log.commitGroupOffsets(`connect-${SINK}`, [{ topic: DATA, partition: 0, offset: 4n }])
  return recorded
}

function readRecorded(adapt: (text: string) => string): StoredRecord[] {
  const text = readFileSync(new URL('recorded-topics.jsonl', import.meta.url), 'utf8')
  return adapt(text)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredRecord)
}

/** Makes the worker write each kind of record once more. */
async function changeEverything(worker: WorkerProcess): Promise<void> {
  for (const name of [SOURCE, SINK]) {
    const { body } = await worker.rest('GET', `/connectors/${name}/config`)
    const config = { ...(body as Record<string, string>), 'errors.retry.delay.max.ms': '60001' }
    assert.equal((await worker.rest('PUT', `/connectors/${name}/config`, config)).status, 200)
    await waitFor('the task to have it', async () => {
      const tasks = (await worker.rest('GET', `/connectors/${name}/tasks`)).body as { config: object }[]
      return tasks.length === 1 && 'errors.retry.delay.max.ms' in tasks[0]!.config
    })
    await waitFor('it to run again', async () => {
      const { connector, tasks } = await worker.states(name)
      return connector === 'RUNNING' && tasks.join() === 'RUNNING'
    })
  }
  assert.equal((await worker.rest('PUT', `/connectors/${SOURCE}/topics/reset`)).status, 202)
  await postgres.query("INSERT INTO test_table (name) VALUES ('Frank')")
  await names(worker, ['Alice', 'Bob', 'Carol', 'Robert', 'Dave', 'Erin', 'Frank'])
}

/** The records that came behind the recorded ones: for each kind, the same fields of the same types, on the same partitions. */
async function sameForms(recorded: readonly StoredRecord[]): Promise<void> {
  const partitions = new Map(recorded.map(({ topic, key, partition }) => [`${topic} ${key}`, partition]))
  const forms = new Map<string, Set<string>>()
  for (const record of recorded) {
    const known = forms.get(kindOf(record)) ?? new Set()
    forms.set(kindOf(record), known.add(formOf(record)))
  }
  const seen = new Set<string>()
  for (const topic of Object.keys(PARTITIONS)) {
    const before = new Map<number, number>()
    for (const { partition, topic: of } of recorded) {
      if (of === topic) before.set(partition, (before.get(partition) ?? 0) + 1)
    }
    for (const record of await read(topic)) {
      const left = before.get(record.partition) ?? 0
      before.set(record.partition, left - 1)
      if (left > 0 || record.value === null) continue
      const kind = kindOf(record)
      seen.add(kind)
      assert.ok(forms.get(kind)?.has(formOf(record)), `${kind}: ${record.key} ${record.value}`)
      const partition = partitions.get(`${topic} ${record.key}`) ?? record.partition
      assert.equal(record.partition, partition, `the partition of ${record.key} in ${topic}`)
    }
  }
  // The recorded session key is too old to be used.
  assert.deepEqual([...seen].sort(), [...forms.keys()].sort())
}

function kindOf({ topic, key }: StoredRecord): string {
  if (topic === DATA) return DATA
  return `${topic} ${key.startsWith('[') ? 'offset' : key.replace(SOURCE, 'C').replace(SINK, 'C')}`
}

const NULLABLE = ['trace', 'version']
/**
 * Debezium counts the changes behind `lsn` only where there are some, after a COMMIT not; and it passes over a field that it
 * does not know, as Kafka Connect does, which `take-over.ts` shows.
 */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  'connect-offsets': ['lsn_events_processed', 'tailrace_timeline'],
  'connect-status': ['tailrace'],
}

/** The fields with their types. */
function formOf({ topic, value }: StoredRecord): string {
  const fields = Object.entries(JSON.parse(value!) as Record<string, unknown>)
  return fields
    .filter(([name]) => OPTIONAL[topic]?.includes(name) !== true)
    .map(([name, field]) => (NULLABLE.includes(name) ? name : `${name}: ${typeof field}`))
    .join(', ')
}

async function names(worker: WorkerProcess, expected: readonly string[]): Promise<void> {
  let found: string[] = []
  await waitFor(`the records ${expected.join(', ')}`, async () => {
    found = (await read(DATA)).map(({ value }) => (JSON.parse(value!) as { name: string }).name)
    return found.length >= expected.length
  }).catch((error: unknown) => {
    throw new Error(`There are ${found.join(', ')}: ${worker.output.slice(-3000)}`, { cause: error })
  })
  assert.deepEqual(found, expected)
}

async function read(topic: string): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  for (let partition = 0; partition < PARTITIONS[topic]!; partition++) {
    for (let offset = 0n; ;) {
      const batches = await log.read({ topic, partition, offset }, 1_000_000)
      if (batches.length === 0) break
      for (const batch of batches) {
        for (const reader = new RecordBatchReader(batch); reader.next();) {
          if (reader.offset < offset) continue
          offset = reader.offset + 1n
          const [key, value] = [reader.key!.toString(), reader.value?.toString() ?? null]
          records.push({ topic, partition, key, value })
        }
      }
    }
  }
  return records
}

async function documentIds(): Promise<string[]> {
  await fetch(`${search.url}/${DATA}/_refresh`, { method: 'POST' })
  const answer = await fetch(`${search.url}/${DATA}/_search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ size: 100 }),
  })
  const { hits } = (await answer.json()) as { hits: { hits: { _id: string }[] } }
  return hits.hits.map(({ _id }) => _id).sort()
}
