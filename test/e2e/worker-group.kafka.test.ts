import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startKafka, workersOnKafka, type KafkaServer } from '../servers/kafka.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

let kafka: KafkaServer
let directory: string
before(async () => {
  kafka = await startKafka({ 'group.min.session.timeout.ms': '1000' })
  directory = await mkdtemp(join(tmpdir(), 'tailrace-group-'))
})
after(async () => {
  await kafka.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Workers of one group, with times that do not make the test wait. */
async function startGroup(group: string, count: number): Promise<WorkerGroup> {
  const env = {
    ...workersOnKafka(kafka, group),
    CONNECT_SESSION_TIMEOUT_MS: '2000',
    CONNECT_HEARTBEAT_INTERVAL_MS: '200',
    CONNECT_SCHEDULED_REBALANCE_MAX_DELAY_MS: '0',
  }
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker({ env })))
  return {
    workers,
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
    },
  }
}

interface WorkerGroup extends AsyncDisposable {
  readonly workers: readonly WorkerProcess[]
}

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

test('two workers share connectors; whichever is asked, all of them are shown and changed', async () => {
  await using group = await startGroup('shared', 2)
  const [one, two] = group.workers as [WorkerProcess, WorkerProcess]
  const names = ['shared-a', 'shared-b']
  for (const [i, name] of names.entries())
    await group.workers[i]!.create(name, await fileSource(name, ['1', '2']))
  for (const name of names) await untilStates(group.workers, name, 'RUNNING RUNNING')
  const statuses = await Promise.all(names.map((name) => statusOf(one, name)))
  const owners = statuses.flatMap(({ connector, tasks }) => [
    connector.worker_id,
    ...tasks.map((task) => task.worker_id),
  ])
  assert.deepEqual(new Set(owners), new Set(group.workers.map(idOf)))

  for (const name of names) {
    for (const [at, action, states] of [
      [one, 'pause', 'PAUSED PAUSED'],
      [two, 'resume', 'RUNNING RUNNING'],
      [two, 'pause', 'PAUSED PAUSED'],
      [one, 'resume', 'RUNNING RUNNING'],
    ] as const) {
      assert.equal((await at.rest('PUT', `/connectors/${name}/${action}`)).status, 202)
      await untilStates(group.workers, name, states)
    }
    for (const worker of group.workers) {
      assert.equal((await worker.rest('POST', `/connectors/${name}/restart`)).status, 204)
      assert.equal((await worker.rest('POST', `/connectors/${name}/tasks/0/restart`)).status, 204)
      const restarted = await worker.rest('POST', `/connectors/${name}/restart?includeTasks=true`)
      assert.equal(restarted.status, 202)
      assert.equal((restarted.body as Status).tasks[0]?.state, 'RESTARTING')
      await untilStates(group.workers, name, 'RUNNING RUNNING')
      const unknown = await worker.rest('POST', `/connectors/${name}/tasks/1/restart`)
      assert.deepEqual(unknown.body, { error_code: 404, message: `Unknown task: ${name}-1` })
    }
  }

  const [name] = names as [string]
  const exists = await two.rest('POST', '/connectors', { name, config: await fileSource(name, ['1', '2']) })
  assert.deepEqual(exists.body, { error_code: 409, message: `Connector ${name} already exists` })
  for (const [at, value] of [
    [one, '1'],
    [two, '2'],
  ] as const) {
    const patched = await at.rest('PATCH', `/connectors/${name}/config`, { 'batch.size': value })
    assert.equal(patched.status, 200)
    for (const worker of group.workers) {
      await waitFor('the task to have it', async () => {
        const { body } = await worker.rest('GET', `/connectors/${name}/tasks`)
        return (body as { config: Record<string, string> }[])[0]?.config['batch.size'] === value
      })
    }
  }
  const early = await one.rest('DELETE', `/connectors/${name}/offsets`)
  assert.equal(early.status, 400)
  for (const worker of group.workers) {
    assert.equal((await worker.rest('PUT', `/connectors/${name}/stop`)).status, 204)
    await untilStates(group.workers, name, 'STOPPED')
    await waitFor('its offsets to be reset', async () => {
      assert.equal((await worker.rest('DELETE', `/connectors/${name}/offsets`)).status, 200)
      const { body } = await worker.rest('GET', `/connectors/${name}/offsets`)
      return (body as { offsets: unknown[] }).offsets.length === 0
    })
    const before = await lines(worker, name)
    await worker.rest('PUT', `/connectors/${name}/resume`)
    await untilStates(group.workers, name, 'RUNNING RUNNING')
    await waitFor('the file to be read again', async () => {
      const seen = await lines(worker, name)
      if (seen.length !== before.length + 2) throw new Error(`there are ${seen.join(', ')}`)
      return true
    })
  }

  assert.equal((await two.rest('PUT', '/admin/loggers/org.x?scope=cluster', { level: 'DEBUG' })).status, 204)
  for (const worker of group.workers) {
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
    assert.equal((await group.workers[i]!.rest('DELETE', `/connectors/${name}`)).status, 204)
    for (const worker of group.workers) {
      await waitFor('it to be gone', async () => {
        return (await worker.rest('GET', `/connectors/${name}/status`)).status === 404
      })
    }
  }
})

test('what a killed worker had goes on at the other, with every line there once', async () => {
  await using group = await startGroup('killed', 2)
  const [one, two] = group.workers as [WorkerProcess, WorkerProcess]
  const names = ['killed-a', 'killed-b', 'killed-c', 'killed-d']
  for (const name of names) await one.create(name, await fileSource(name, ['1', '2', '3']))
  for (const name of names) {
    await untilStates([two], name, 'RUNNING RUNNING')
    await waitFor('its lines', async () => (await lines(two, name)).length === 3)
  }
  await one.kill()
  const killedAt = performance.now()
  for (const name of names) await appendFile(join(directory, name), '4\n')
  for (const name of names) {
    await waitFor(`${name} to go on`, async () => (await lines(two, name)).length === 4, {
      deadlineMs: 15_000,
    })
  }
  assert.ok(performance.now() - killedAt < 15_000)
  for (const name of names) {
    await untilStates([two], name, 'RUNNING RUNNING')
    const { connector, tasks } = await statusOf(two, name)
    assert.deepEqual([connector.worker_id, tasks[0]?.worker_id], [idOf(two), idOf(two)])
    assert.deepEqual(await lines(two, name), ['1', '2', '3', '4'])
  }
  // It leads now, if it did not before.
  assert.equal((await two.rest('DELETE', `/connectors/${names[0]}`)).status, 204)
})

test('workers that are restarted one after the other lose nothing, and one always answers', async () => {
  await using group = await startGroup('rolling', 2)
  const names = ['rolling-a', 'rolling-b']
  for (const name of names) await group.workers[0]!.create(name, await fileSource(name, ['0']))
  for (const name of names) await untilStates(group.workers, name, 'RUNNING RUNNING')
  let last = 0
  for (const [i, worker] of group.workers.entries()) {
    const other = group.workers[1 - i]!
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
    }
    await restarted
  }
  for (const name of names) await untilStates(group.workers, name, 'RUNNING RUNNING')
  for (const name of names) await appendFile(join(directory, name), 'end\n')
  for (const name of names) {
    const read = await waitFor('the last line', async () => {
      const read = await lines(group.workers[0]!, name)
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
