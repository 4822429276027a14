import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startKafka, workersOnKafka, type KafkaServer } from '../servers/kafka.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const STALLED_AFTER = { CONNECT_HEALTH_STALLED_AFTER_MS: '1500' }

describe('the health of a worker and of its connectors', () => {
  let postgres: PostgresServer
  let kafka: KafkaServer
  before(async () => {
    ;[postgres, kafka] = await Promise.all([startPostgres(), startKafka()])
  })
  after(async () => {
    await postgres[Symbol.asyncDispose]()
    await kafka[Symbol.asyncDispose]()
  })

  for (const log of ['embedded', 'kafka'] as const) {
    test(`a source that runs but does not move is reported, and the worker is well all the same, ${log}`, async () => {
      const env = { ...STALLED_AFTER, ...(log === 'kafka' ? workersOnKafka(kafka) : {}) }
      await using worker = await startWorker({ env })
      const database = `health_${log}`
      await postgres.query(`create database ${database}`)
      await postgres.query('create table t (id int primary key)', database)
      await worker.create(
        log,
        sourceConfig(postgres, {
          'database.dbname': database,
          'slot.name': database,
          'publication.name': database,
          'topic.prefix': log,
          'status.update.interval.ms': '100',
          // A connection that is silent for longer would be given up, and the task started again.
          'connection.silence.timeout.ms': '600000',
        }),
      )
      const topic = `${log}.public.t`
      await postgres.query('insert into t values (1)', database)
      await waitFor('the first row', async () => (await worker.records(topic)) === 1)
      await untilHealth(worker, { all: 200, live: 200, ready: 200, connectors: 200 })

      const walsender = await walsenderOf(postgres, database)
      process.kill(walsender, 'SIGSTOP')
      try {
        await postgres.query('insert into t select generate_series(2, 100)', database)
        await waitFor('the report', async () => (await health(worker)).connectors === 503)
        const { body } = await worker.rest('GET', '/health/connectors')
        const { problems } = body as {
          problems: { connector: string; task: number | null; reason: string }[]
        }
        assert.deepEqual(
          problems.map(({ connector, task }) => ({ connector, task })),
          [{ connector: log, task: null }],
        )
        assert.match(
          problems[0]!.reason,
          /^It runs but did not move for \d+ s: its server has a backlog of \d+$/,
        )
        assert.equal((await worker.states(log)).tasks[0], 'RUNNING')
        await untilHealth(worker, { all: 200, live: 200, ready: 200, connectors: 503 })
        const whole = (await worker.rest('GET', '/health')).body as Record<string, unknown>
        assert.deepEqual([whole['status'], whole['connector_problems']], ['healthy', 1])
      } finally {
        process.kill(walsender, 'SIGCONT')
      }
      await waitFor('all rows', async () => (await worker.records(topic)) === 100)
      await waitFor('no report any more', async () => (await health(worker)).connectors === 200)
      assert.equal((await worker.rest('DELETE', `/connectors/${log}`)).status, 204)
    })
  }

  test('a worker whose brokers are away is alive and not ready, until they are back', async () => {
    await using worker = await startWorker({ env: workersOnKafka(kafka, 'away') })
    const isReady = async (): Promise<boolean> => (await worker.rest('GET', '/health/ready')).status === 200
    await waitFor('it to be ready', isReady)
    await kafka.kill()
    await waitFor('it not to be ready', async () => !(await isReady()))
    assert.equal((await worker.rest('GET', '/health/live')).status, 200)
    await kafka.restart()
    await waitFor('it to be ready', isReady)
  })
})

type Health = Readonly<Record<'all' | 'live' | 'ready' | 'connectors', number>>

/** Where the machine stalls, a worker may be less than well for a moment. */
async function untilHealth(worker: WorkerProcess, expected: Health): Promise<void> {
  await waitFor('the health to be so', async () => {
    assert.deepEqual(await health(worker), expected)
    return true
  })
}

/** The statuses of all that tells of health. */
async function health(worker: WorkerProcess): Promise<Health> {
  const status = async (path: string): Promise<number> => (await worker.rest('GET', path)).status
  return {
    all: await status('/health'),
    live: await status('/health/live'),
    ready: await status('/health/ready'),
    connectors: await status('/health/connectors'),
  }
}

async function walsenderOf(postgres: PostgresServer, slot: string): Promise<number> {
  return waitFor('the walsender', async () => {
    const [row] = await postgres.query(
      `select active_pid from pg_replication_slots where slot_name = '${slot}' and active_pid is not null`,
    )
    return row?.['active_pid'] as number | undefined
  })
}
