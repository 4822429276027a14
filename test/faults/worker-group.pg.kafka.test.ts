import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { after, test } from 'node:test'
import type { WorkerAssignment } from '../../src/connect/distributed/worker-assignment.ts'
import { WorkerCoordinator } from '../../src/connect/distributed/worker-coordinator.ts'
import { silentLogger } from '../../src/connect/testing/silent-logger.ts'
import { kafkaGroups } from '../../src/log/kafka/group/group-membership.ts'
import { startKafka, workersOnKafka } from '../servers/kafka.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { assertPromise } from '../promise.ts'
import { waitFor } from '../wait-for.ts'
import { Dice, Ledger, running } from './ledger.ts'

/** `TAILRACE_SNAPSHOT_ROWS=1000000` for a long run. */
const SNAPSHOT_ROWS = Number(process.env['TAILRACE_SNAPSHOT_ROWS'] ?? 50_000)
const SINK_TASKS = 4

const [postgres, kafka, search] = await Promise.all([
  startPostgres(),
  startKafka({ 'group.min.session.timeout.ms': '1000' }),
  startSearch(),
])
after(() => Promise.all([postgres.stop(), kafka.stop(), search.stop()]))

async function startGroup(group: string, count: number): Promise<WorkerProcess[]> {
  const env = {
    ...workersOnKafka(kafka, group),
    CONNECT_SESSION_TIMEOUT_MS: '3000',
    CONNECT_HEARTBEAT_INTERVAL_MS: '300',
    CONNECT_SCHEDULED_REBALANCE_MAX_DELAY_MS: '1000',
    CONNECT_CONSUMER_SESSION_TIMEOUT_MS: '3000',
    CONNECT_CONSUMER_HEARTBEAT_INTERVAL_MS: '300',
    CONNECT_OFFSET_FLUSH_INTERVAL_MS: '500',
  }
  return Promise.all(Array.from({ length: count }, () => startWorker({ env })))
}

interface TaskStatus {
  readonly id: number
  readonly state: string
  readonly worker_id: string
}

async function tasksOf(at: WorkerProcess, name: string): Promise<readonly TaskStatus[]> {
  return ((await at.rest('GET', `/connectors/${name}/status`)).body as { tasks: TaskStatus[] }).tasks
}

function idOf(worker: WorkerProcess): string {
  return new URL(worker.url).host
}

/** Every task runs, and on these workers only, each of which has some. */
async function sharedBy(workers: readonly WorkerProcess[], names: readonly string[]): Promise<void> {
  const ids = workers.map(idOf).sort()
  await waitFor(`tasks on ${ids.join(', ')}`, async () => {
    const tasks = (await Promise.all(names.map((name) => tasksOf(workers[0]!, name)))).flat()
    if (tasks.length === 0 || tasks.some(({ state }) => state !== 'RUNNING')) return false
    return [...new Set(tasks.map((task) => task.worker_id))].sort().join() === ids.join()
  })
}

test('three workers split the partitions of a sink; one that is killed under load loses nothing, and the others go on', async () => {
  const [one, two, three] = (await startGroup('three', 3)) as [WorkerProcess, WorkerProcess, WorkerProcess]
  await using _one = one
  await using _two = two
  await using _three = three
  const ledger = await Ledger.create(postgres, 'shared', new Dice(), 2_000)
  const more = { 'topic.creation.default.partitions': '4', 'topic.creation.default.replication.factor': '1' }
  await one.create('source', ledger.source(postgres, more))
  await two.create('sink', ledger.sink(search.url, { 'tasks.max': String(SINK_TASKS) }))
  await sharedBy([one, two, three], ['source', 'sink'])
  const perWorker = Map.groupBy(await tasksOf(one, 'sink'), (task) => task.worker_id)
  assert.equal((await tasksOf(one, 'sink')).length, SINK_TASKS)
  assert.ok([...perWorker.values()].every((tasks) => tasks.length <= 2))

  ledger.keepWriting()
  const [{ worker_id: sourceWorker }] = (await tasksOf(one, 'source')) as [TaskStatus]
  const victim = [one, two, three].find((worker) => idOf(worker) === sourceWorker)!
  const others = [one, two, three].filter((worker) => worker !== victim)
  await victim.kill()
  const killedMs = performance.now()
  await sharedBy(others, ['source', 'sink'])
  const before = await others[0]!.records(ledger.topic)
  await waitFor('more records', async () => (await others[0]!.records(ledger.topic)) > before)
  assertPromise('The work of the killed worker', performance.now() - killedMs, 15_000)

  await victim.start()
  await sharedBy([one, two, three], ['source', 'sink'])
  await ledger.stopWriting()
  await ledger.checkTopic(one, { mayRepeat: true })
  await ledger.checkIndex(search.url)
})

test('a broker that restarts during a snapshot and while changes stream costs no record and no order', async (t) => {
  const [one, two] = (await startGroup('restarted', 2)) as [WorkerProcess, WorkerProcess]
  await using _one = one
  await using _two = two
  const ledger = await Ledger.create(postgres, 'broker', new Dice(), SNAPSHOT_ROWS)
  await one.create('source', ledger.source(postgres))
  await waitFor('a part of the snapshot', async () => (await two.records(ledger.topic)) > SNAPSHOT_ROWS / 10)
  const inSnapshot = await two.records(ledger.topic)
  t.diagnostic(`${inSnapshot} of ${SNAPSHOT_ROWS} rows were in the topic when the broker ended`)
  await kafka.restart()
  await waitFor('the snapshot', async () => (await two.records(ledger.topic)) >= SNAPSHOT_ROWS)
  await running(two, 'source')
  await two.create('sink', ledger.sink(search.url))
  ledger.keepWriting()
  await waitFor('a stream', async () => (await one.records(ledger.topic)) > SNAPSHOT_ROWS + 200)
  await kafka.restart()
  const before = await waitFor('the topic', () => one.records(ledger.topic))
  await waitFor('the stream to go on', async () => (await one.records(ledger.topic)) > before + 200)
  await ledger.stopWriting()
  await running(one, 'source')
  await running(two, 'sink')
  await ledger.checkTopic(one, { mayRepeat: true })
  await ledger.checkIndex(search.url)
})

/** A machine that stalls for as long would cost the slow one its membership. */
const LONG_SESSION_MS = 12_000

/** A member of a group in which two connectors are configured, by itself: what it is told to run and to stop. */
function coordinator(
  name: string,
  { bootstrapServers = kafka.bootstrapServers, stopMs = 0, sessionMs = 1500 } = {},
) {
  const running = new Set<string>()
  const seen = { assignments: [] as WorkerAssignment[], lost: 0 }
  const one = new WorkerCoordinator({
    membership: kafkaGroups({ bootstrapServers: [bootstrapServers], clientId: name }),
    groupId: 'coordinators',
    workerUrl: `http://${name}/`,
    protocol: 'sessioned',
    sessionTimeoutMs: sessionMs,
    heartbeatIntervalMs: 100,
    rebalanceTimeoutMs: 30_000,
    scheduledRebalanceMaxDelayMs: 0,
    workerUnsyncBackoffMs: 100,
    logger: silentLogger,
    configSnapshot: () => ({
      offset: 1n,
      connectors: new Map([
        ['a', []],
        ['b', []],
      ]),
    }),
    refreshConfigs: () => Promise.reject(new Error('nobody is behind')),
    async onAssigned(assignment) {
      seen.assignments.push(assignment)
      for (const connector of assignment.connectors) running.add(connector)
    },
    async onRevoked({ connectors }) {
      await delay(stopMs)
      for (const connector of connectors) running.delete(connector)
    },
    onLost: () => void seen.lost++,
  })
  return { coordinator: one, running, seen, [Symbol.asyncDispose]: () => one.close() }
}

test('a worker that takes longer than a session to stop its work stays a member, and nobody has the work before', async () => {
  await using slow = coordinator('slow', { stopMs: LONG_SESSION_MS + 2000, sessionMs: LONG_SESSION_MS })
  await slow.coordinator.start()
  assert.equal(slow.running.size, 2)
  await using other = coordinator('other', { sessionMs: LONG_SESSION_MS })
  await other.coordinator.start()
  await waitFor('each to have one', () => {
    assert.ok(slow.running.isDisjointFrom(other.running), 'one connector ran twice')
    return slow.running.size === 1 && other.running.size === 1
  })
  assert.equal(slow.seen.lost, 0)
  assert.equal(new Set(slow.seen.assignments.map(({ memberId }) => memberId)).size, 1)
})

test('a broker that is away for longer than a session: the worker stops its work, keeps asking, and goes on', async () => {
  await using worker = coordinator('worker')
  await worker.coordinator.start()
  await kafka.kill()
  await waitFor('its work to stop', () => worker.running.size === 0)
  assert.equal(worker.seen.lost, 1)
  await kafka.restart()
  await waitFor('its work to run again', () => worker.running.size === 2)
  assert.ok(worker.coordinator.isLeader)
})
