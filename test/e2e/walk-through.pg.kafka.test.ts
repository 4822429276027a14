import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Admin } from '@platformatic/kafka'
import { runCli } from '../servers/cli.ts'
import { startKafka, workersOnKafka, type KafkaServer } from '../servers/kafka.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { existingTable } from './walk-through.ts'

let postgres: PostgresServer
let kafka: KafkaServer
before(async () => void ([postgres, kafka] = await Promise.all([startPostgres(), startKafka()])))
after(() => Promise.all([postgres.stop(), kafka.stop()]))

test('the walk-through on Kafka brings rows that are there and changes that come', async () => {
  await using search = await startSearch()
  await existingTable(postgres, search.url, {
    // A new broker makes its topic of group offsets first.
    promisedMs: 10_000,
    env: workersOnKafka(kafka),
  })
})

test('npm start -- --kafka runs the walk-through with its topics in Kafka, and again', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'tailrace-demo-'))
  try {
    // The walk-through before this one has left its records.
    const topic = 'postgres_server.public.test_table'
    const place = ['--bootstrap-server', kafka.bootstrapServers]
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.bootstrapServers] })
    await admin.deleteTopics({ topics: [topic] })
    await admin.close()
    for (const rows of [
      [2, 5],
      [5, 6],
    ]) {
      const args = ['demo', '--once', '--kafka', kafka.bootstrapServers, '--postgres', postgres.url()]
      const { status, stdout, stderr } = await runCli(args, { cwd })
      assert.equal(status, 0, stdout + stderr)
      assert.match(stdout, /Worker on port \d+.*, its topics in Kafka at /)
      assert.deepEqual(
        [...stdout.matchAll(/All (\d+) rows found/g)].map(([, n]) => Number(n)),
        rows,
      )
    }
    const read = ['consume', topic, '--from-beginning', '--until-end']
    const { stdout } = await runCli([...read, ...place])
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: number }).id),
      [1, 2, 3, 4, 5, 6],
    )
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
})
