import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { after, afterEach, before, test } from 'node:test'
import type { ConnectorView } from '../../src/cli/status/connector-report.ts'
import { workerEvents } from '../../src/cli/status/worker-events.ts'
import { FakeElasticsearch } from '../../src/elasticsearch/testing/fake-elasticsearch.ts'
import { sharedKafka, workersOnKafka, type SharedKafka } from '../servers/kafka.ts'
import { sinkConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { assertPromise } from '../promise.ts'
import { waitFor } from '../wait-for.ts'

/** Short, so that the key changes while the tests run. */
const KEY_TTL_MS = 2_000
let kafka: SharedKafka
let directory: string
let env: Readonly<Record<string, string>>
/** Of one group, with times that do not make the tests wait. Each test leaves both running, without connectors. */
let workers: readonly [WorkerProcess, WorkerProcess]
before(async () => {
  kafka = await sharedKafka()
  directory = await mkdtemp(join(tmpdir(), 'tailrace-group-'))
  env = {
    ...workersOnKafka(kafka, 'group'),
    CONNECT_SESSION_TIMEOUT_MS: '3000',
    CONNECT_HEARTBEAT_INTERVAL_MS: '200',
    CONNECT_SCHEDULED_REBALANCE_MAX_DELAY_MS: '0',
    CONNECT_INTER_WORKER_KEY_TTL_MS: String(KEY_TTL_MS),
  }
  workers = await Promise.all([startWorker({ env }), startWorker({ env })])
})
after(async () => {
  await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
  await kafka[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})
afterEach(async () => {
  const [worker] = workers
  for (const name of (await worker.rest('GET', '/connectors')).body as string[]) {
    assert.equal((await worker.rest('DELETE', `/connectors/${name}`)).status, 204)
  }
})

/** A connector that reads a file of its own into a topic of its own, both of its name. */
async function fileSource(name: string, lines: readonly string[]): Promise<Record<string, string>> {
  await writeFile(join(directory, name), lines.map((line) => `${line}\n`).join(''))
  return {
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    'tasks.max': '1',
    file: join(directory, name),
    topic: name,
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'topic.creation.default.replication.factor': '1',
    'topic.creation.default.partitions': '1',
  }
}

interface Status {
  readonly connector: { readonly state: string; readonly worker_id: string }
  readonly tasks: readonly { readonly state: string; readonly worker_id: string }[]
}

async function statusOf(worker: WorkerProcess, name: string): Promise<Status> {
  return (await worker.rest('GET', `/connectors/${name}/status`)).body as Status
}

/** `host:port`, as states show it. */
function idOf(worker: WorkerProcess): string {
  return new URL(worker.url).host
}

async function untilStates(workers: readonly WorkerProcess[], name: string, states: string): Promise<void> {
  for (const worker of workers) {
    await waitFor(`${name} to be ${states} at ${worker.url}`, async () => {
      const { connector, tasks } = await statusOf(worker, name)
      const seen = [connector.state, ...tasks.map(({ state }) => state)].join(' ')
      if (seen !== states) throw new Error(`it is ${seen}`)
      return true
    })
  }
}

async function lines(worker: WorkerProcess, topic: string): Promise<readonly string[]> {
  const { body } = await worker.rest('GET', `/topics/${topic}/records?limit=1000`)
  const { records = [] } = body as { readonly records?: readonly { readonly value: unknown }[] }
  return records.map(({ value }) => String(value))
}

/** All that a file has is in its topic, and the offset behind it is stored. */
async function untilStored(worker: WorkerProcess, name: string): Promise<void> {
  const { size } = await stat(join(directory, name))
  await waitFor(`the end of ${name} to be stored`, async () => {
    const { body } = await worker.rest('GET', `/connectors/${name}/offsets`)
    const { offsets } = body as { readonly offsets: readonly { readonly offset: { position: number } }[] }
    return offsets[0]?.offset.position === size
  })
}

test('two workers share connectors; whichever is asked, all of them are shown and changed', async () => {
  const [one, two] = workers
  const names = ['shared-a', 'shared-b']
  const configs = await Promise.all(names.map((name) => fileSource(name, ['1', '2'])))
  for (const [i, name] of names.entries()) await workers[i]!.create(name, configs[i]!)
  for (const name of names) await untilStates(workers, name, 'RUNNING RUNNING')
  const statuses = await Promise.all(names.map((name) => statusOf(one, name)))
  const owners = statuses.flatMap(({ connector, tasks }) => [
    connector.worker_id,
    ...tasks.map((task) => task.worker_id),
  ])
  assert.deepEqual(new Set(owners), new Set(workers.map(idOf)))

  for (const name of names) {
    for (const [at, action, states] of [
      [one, 'pause', 'PAUSED PAUSED'],
      [two, 'resume', 'RUNNING RUNNING'],
      [two, 'pause', 'PAUSED PAUSED'],
      [one, 'resume', 'RUNNING RUNNING'],
    ] as const) {
      assert.equal((await at.rest('PUT', `/connectors/${name}/${action}`)).status, 202)
      await untilStates(workers, name, states)
    }
    for (const worker of workers) {
      assert.equal((await worker.rest('POST', `/connectors/${name}/restart`)).status, 204)
      assert.equal((await worker.rest('POST', `/connectors/${name}/tasks/0/restart`)).status, 204)
      const restarted = await worker.rest('POST', `/connectors/${name}/restart?includeTasks=true`)
      assert.equal(restarted.status, 202)
      assert.equal((restarted.body as Status).tasks[0]?.state, 'RESTARTING')
      await untilStates(workers, name, 'RUNNING RUNNING')
      const unknown = await worker.rest('POST', `/connectors/${name}/tasks/1/restart`)
      assert.deepEqual(unknown.body, { error_code: 404, message: `Unknown task: ${name}-1` })
    }
  }

  const [name] = names as [string]
  const exists = await two.rest('POST', '/connectors', { name, config: configs[0] })
  assert.deepEqual(exists.body, { error_code: 409, message: `Connector ${name} already exists` })
  for (const [at, value] of [
    [one, '1'],
    [two, '2'],
  ] as const) {
    const patched = await at.rest('PATCH', `/connectors/${name}/config`, { 'batch.size': value })
    assert.equal(patched.status, 200)
    for (const worker of workers) {
      await waitFor('the task to have it', async () => {
        const { body } = await worker.rest('GET', `/connectors/${name}/tasks`)
        return (body as { config: Record<string, string> }[])[0]?.config['batch.size'] === value
      })
    }
  }
  // Restarts, moves and changes in good order repeat nothing.
  for (const name of names) {
    await untilStored(one, name)
    assert.deepEqual(await lines(one, name), ['1', '2'])
  }
  const early = await one.rest('DELETE', `/connectors/${name}/offsets`)
  assert.equal(early.status, 400)
  for (const [i, worker] of workers.entries()) {
    assert.equal((await worker.rest('PUT', `/connectors/${name}/stop`)).status, 204)
    await untilStates(workers, name, 'STOPPED')
    assert.equal((await worker.rest('DELETE', `/connectors/${name}/offsets`)).status, 200)
    const { body } = await worker.rest('GET', `/connectors/${name}/offsets`)
    assert.deepEqual(body, { offsets: [] })
    await worker.rest('PUT', `/connectors/${name}/resume`)
    await untilStates(workers, name, 'RUNNING RUNNING')
    await untilStored(worker, name)
    assert.deepEqual(await lines(worker, name), Array.from({ length: i + 2 }, () => ['1', '2']).flat())
  }

  assert.equal((await two.rest('PUT', '/admin/loggers/org.x?scope=cluster', { level: 'DEBUG' })).status, 204)
  for (const worker of workers) {
    await waitFor('the level to be set', async () => {
      const { status, body } = await worker.rest('GET', '/admin/loggers/org.x')
      return status === 200 && (body as { level: string }).level === 'DEBUG'
    })
    const topics = await worker.rest('GET', `/connectors/${name}/topics`)
    assert.deepEqual(topics.body, { [name]: { topics: [name] } })
    const unsigned = await worker.rest('POST', `/connectors/${name}/tasks`, [])
    assert.deepEqual(unsigned.body, {
      error_code: 400,
      message: 'Internal request missing required signature',
    })
  }
  for (const [i, name] of names.entries()) {
    assert.equal((await workers[i]!.rest('DELETE', `/connectors/${name}`)).status, 204)
    for (const worker of workers) {
      await waitFor('it to be gone', async () => {
        return (await worker.rest('GET', `/connectors/${name}/status`)).status === 404
      })
    }
  }
})

/** Resolves once the events of a worker show that of a connector's first task. */
async function untilWaiting(worker: WorkerProcess, name: string, reason: RegExp | undefined): Promise<void> {
  for await (const { data } of workerEvents(worker.url, AbortSignal.timeout(120_000))) {
    const { changed = [] } = data as { readonly changed?: readonly ConnectorView[] }
    const task = changed.find((connector) => connector.name === name)?.tasks[0]
    if (task === undefined) continue
    const { waits_for } = task
    if (reason === undefined ? waits_for === undefined : reason.test(waits_for ?? '')) return
  }
  throw new Error(`The events of ${worker.url} ended`)
}

test('every worker says why a sink waits for a search server that takes nothing, until it does', async () => {
  await using search = await FakeElasticsearch.start()
  let isAway = true
  const busy = { status: 503, type: 'unavailable_shards_exception', reason: 'no shard is active' }
  search.refusalOf = (_method, path) => (isAway && path !== '/' ? busy : null)
  search.faultOf = () => (isAway ? { kind: 'answer', error: busy } : null)
  await workers[0].create('waits', await fileSource('waits', ['{"a":1}']))
  const json = {
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
  }
  await workers[0].create('waits-sink', sinkConfig(search.url, 'waits', json))
  await untilStates(workers, 'waits-sink', 'RUNNING RUNNING')
  for (const worker of workers) await untilWaiting(worker, 'waits-sink', /503/)
  isAway = false
  for (const worker of workers) await untilWaiting(worker, 'waits-sink', undefined)
  await waitFor('the document', () => search.indices.get('waits')?.size === 1)
})

test('a third worker, with an older protocol, is given its part, and the group signs again once it has gone', async () => {
  const names = ['third-a', 'third-b', 'third-c']
  for (const name of names) await workers[0].create(name, await fileSource(name, ['1']))
  for (const name of names) await untilStates(workers, name, 'RUNNING RUNNING')
  {
    await using third = await startWorker({ env: { ...env, CONNECT_CONNECT_PROTOCOL: 'compatible' } })
    const all = [...workers, third]
    await waitFor('each of the three to have a task', async () => {
      const statuses = await Promise.all(names.map((name) => statusOf(third, name)))
      return new Set(statuses.flatMap(({ tasks }) => tasks.map((task) => task.worker_id))).size === all.length
    })
    for (const worker of all) await worker.hasWritten(/workers of the group are not signed/)
    // A follower has the leader write what its connector makes of that.
    for (const [i, name] of names.entries()) {
      const patched = await all[i]!.rest('PATCH', `/connectors/${name}/config`, { 'batch.size': '7' })
      assert.equal(patched.status, 200)
      await waitFor('the task to have it', async () => {
        const { body } = await third.rest('GET', `/connectors/${name}/tasks`)
        return (body as { config: Record<string, string> }[])[0]?.config['batch.size'] === '7'
      })
    }
  }
  for (const name of names) {
    await untilStates(workers, name, 'RUNNING RUNNING')
    await untilStored(workers[0], name)
    assert.deepEqual(await lines(workers[0], name), ['1'])
  }
  await waitFor('requests to be signed', () =>
    workers.every(({ output }) => output.includes('are signed again')),
  )
  const keys = await workers[0].rest('GET', '/topics/group-configs/records?limit=1000')
  const { records } = keys.body as { readonly records: readonly { readonly key: unknown }[] }
  const count = records.filter(({ key }) => JSON.stringify(key).includes('session-key')).length
  assert.ok(count >= 2, `there were ${count} keys`)
})

test('what a killed worker had goes on at the other, with every line there once', async () => {
  const [one, two] = workers
  const names = ['killed-a', 'killed-b', 'killed-c', 'killed-d']
  for (const name of names) await one.create(name, await fileSource(name, ['1', '2', '3']))
  for (const name of names) {
    await untilStates([two], name, 'RUNNING RUNNING')
    await untilStored(two, name)
  }
  await one.kill()
  const killedAt = performance.now()
  for (const name of names) await appendFile(join(directory, name), '4\n')
  for (const name of names) {
    await waitFor(`${name} to go on`, async () => (await lines(two, name)).length === 4)
  }
  assertPromise('The work of the killed worker', performance.now() - killedAt, 15_000)
  for (const name of names) {
    await untilStates([two], name, 'RUNNING RUNNING')
    const { connector, tasks } = await statusOf(two, name)
    assert.deepEqual([connector.worker_id, tasks[0]?.worker_id], [idOf(two), idOf(two)])
    assert.deepEqual(await lines(two, name), ['1', '2', '3', '4'])
  }
  // It leads now, if it did not before.
  assert.equal((await two.rest('DELETE', `/connectors/${names[0]}`)).status, 204)
  await one.start()
})

test('workers that are restarted one after the other lose nothing, and one always answers', async () => {
  const names = ['rolling-a', 'rolling-b']
  for (const name of names) await workers[0].create(name, await fileSource(name, ['0']))
  for (const name of names) await untilStates(workers, name, 'RUNNING RUNNING')
  let last = 0
  for (const [i, worker] of workers.entries()) {
    const other = workers[1 - i]!
    const restarting = new AbortController()
    const restarted = worker
      .terminate()
      .then(() => worker.start())
      .finally(() => restarting.abort())
    while (!restarting.signal.aborted) {
      for (const name of names) {
        await appendFile(join(directory, name), `${++last}\n`)
        assert.equal((await other.rest('GET', `/connectors/${name}/status`)).status, 200)
        // A write needs a leader, whichever of them that is just now.
        const written = await other.rest('PATCH', `/connectors/${name}/config`, { 'batch.size': '100' })
        assert.equal(written.status, 200, JSON.stringify(written.body))
      }
      // What is asked all the time keeps the worker from starting.
      await delay(100)
    }
    await restarted
  }
  for (const name of names) await untilStates(workers, name, 'RUNNING RUNNING')
  for (const name of names) await appendFile(join(directory, name), 'end\n')
  for (const name of names) {
    const read = await waitFor('the last line', async () => {
      const read = await lines(workers[0], name)
      return read.at(-1) === 'end' && read
    })
    const numbers = read.slice(0, -1).map(Number)
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    )
    assert.equal(new Set(numbers).size, numbers.length)
    assert.equal(numbers.length, 1 + last / names.length)
  }
})
