import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { batchOf, consume } from '../contract/contract-batches.ts'
import { appendTo, hasCode, newTopic, readAll } from '../contract/contract-log.ts'
import { logContract } from '../contract/log-contract.ts'
import { openEmbeddedLog } from './embedded-log.ts'
import { temporaryDirectory, temporaryLog } from './testing/temporary-log.ts'
import type { ConnectionOffer } from './testing/contract-thread.ts'

logContract('embedded log', (t) => temporaryLog(t))

test('the whole contract holds for a client in a second thread', async (t) => {
  const thread = new Worker(new URL('./testing/contract-thread.ts', import.meta.url), {
    // Of its own: the runner of this process must not take the thread's results for its own.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdout: true,
  })
  let output = ''
  thread.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  thread.on('message', () => {
    void temporaryLog(t).then((log) => {
      const port = log.connect()
      const offer: ConnectionOffer = { port, dataDir: log.dataDir }
      thread.postMessage(offer, [port])
    })
  })
  const [code] = (await once(thread, 'exit')) as [number]
  assert.equal(code, 0, output)
  assert.match(output, /pass [1-9]\d/, output)
  assert.match(output, /fail 0\b/, output)
})

test('what was appended, and all state, is there when the directory is opened again', async (t) => {
  const dataDir = temporaryDirectory(t)
  const first = await openEmbeddedLog({ dataDir })
  const topic = await newTopic(first, 2)
  const state = [{ space: 's', key: 'k', value: 'v' }]
  await first.append({ batches: [{ topic, partition: 1, batch: batchOf('a', 'b') }], state })
  await first.commitGroupOffsets('g', [{ topic, partition: 1, offset: 1n }])
  const described = await first.describeTopic(topic)
  await first.close()

  const second = await temporaryLog(t, { dataDir })
  assert.deepEqual(await second.describeTopic(topic), described)
  assert.deepEqual(await readAll(second, topic, 1, 0n), ['0:a', '1:b'])
  assert.deepEqual(await second.groupOffsets('g'), [{ topic, partition: 1, offset: 1n }])
  assert.deepEqual([...(await second.readState('s'))], [['k', 'v']])
  assert.equal(await appendTo(second, topic, 1, 'c'), 2n)
})

test('topics that are created at the same time are created or refused each for itself, and can be written at once', async (t) => {
  const log = await temporaryLog(t)
  const names = Array.from({ length: 200 }, (_, number) => `t${number}`)
  const outcomes = await Promise.allSettled(
    [...names, 't7', 'not a name', 't7'].map((name) => log.createTopic({ name, partitions: 2 })),
  )
  const created = outcomes.filter((one) => one.status === 'fulfilled' && one.value === 'created')
  assert.equal(created.length, names.length)
  assert.deepEqual(
    outcomes.slice(names.length).map((one) => (one.status === 'fulfilled' ? one.value : 'refused')),
    ['exists', 'refused', 'exists'],
  )
  const batches = names.flatMap((topic) =>
    [0, 1].map((partition) => ({ topic, partition, batch: batchOf(`${topic}/${partition}`) })),
  )
  await log.append({ batches })
  for (const topic of ['t0', 't7', 't199'])
    for (const partition of [0, 1])
      assert.deepEqual(await readAll(log, topic, partition, 0n), [`0:${topic}/${partition}`])
})

test('records reach another client of the log, from segment to segment', async (t) => {
  const log = await temporaryLog(t)
  await log.createTopic({ name: 'small', partitions: 1, config: { 'segment.bytes': '500' } })
  const consumer = await log.openConsumer({
    group: 'g',
    topics: ['small'],
    member: { index: 0, count: 1 },
    onAssigned: async () => undefined,
    onRevoked: async () => undefined,
  })
  const wanted: string[] = []
  for (let i = 0; i < 50; i++) {
    // Alone and in groups, so that a commit ends in the old segment, begins a new one, or spans several.
    const values = Array.from({ length: 1 + (i % 5) }, (_, n) => `${i}.${n}`.padEnd(60, 'x'))
    const offsets = await Promise.all(values.map((value) => appendTo(log, 'small', 0, value)))
    wanted.push(...values.map((value, n) => `0/${offsets[n]}:${value}`))
    if (i % 3 === 0) assert.deepEqual(await consume(consumer, wanted.length), wanted.splice(0))
  }
  assert.deepEqual(await consume(consumer, wanted.length), wanted)
  const files = readdirSync(join(log.dataDir, 'topics', 'small.1', '0'))
  assert.ok(files.length > 20, `${files.length} segments`)
})

test('topics whose names differ in case only, or are as long as allowed, keep their files apart', async (t) => {
  const log = await temporaryLog(t)
  const names = ['orders', 'Orders', 'x'.repeat(249), `${'x'.repeat(248)}y`]
  for (const name of names) {
    await log.createTopic({ name, partitions: 1 })
    await appendTo(log, name, 0, name)
  }
  for (const name of names) assert.deepEqual(await readAll(log, name, 0, 0n), [`0:${name}`])
  const directories = readdirSync(join(log.dataDir, 'topics')).map((name) => name.toLowerCase())
  assert.equal(new Set(directories).size, names.length)
})

test('nobody but the owner of the process may read the files', async (t) => {
  // As somebody has made it, for everybody to read.
  const dataDir = join(temporaryDirectory(t), 'data')
  mkdirSync(dataDir, { mode: 0o755 })
  const log = await temporaryLog(t, { dataDir })
  const topic = await newTopic(log)
  await appendTo(log, topic, 0, 'secret')
  const paths = readdirSync(log.dataDir, { recursive: true, encoding: 'utf8' }).map((path) =>
    join(log.dataDir, path),
  )
  assert.ok(paths.some((path) => path.endsWith('.log')) && paths.some((path) => path.endsWith('.db')))
  for (const path of [log.dataDir, ...paths]) {
    const stats = statSync(path)
    assert.equal((stats.mode & 0o777).toString(8), stats.isDirectory() ? '700' : '600', path)
  }
})

test('a second log on the same directory is refused with the directory and the process', async (t) => {
  const log = await temporaryLog(t)
  await assert.rejects(openEmbeddedLog({ dataDir: log.dataDir }), (error: Error) => {
    assert.ok(hasCode('log.locked')(error))
    assert.ok(
      error.message.includes(log.dataDir) && error.message.includes(String(process.pid)),
      error.message,
    )
    return true
  })
  assert.equal(await appendTo(log, await newTopic(log), 0, 'a'), 0n)
})

test('a data directory that cannot be made is refused by name', async () => {
  const dataDir = join(import.meta.filename, 'data')
  await assert.rejects(openEmbeddedLog({ dataDir }), (error: Error) => {
    assert.ok(hasCode('log.open-failed')(error))
    assert.ok(error.message.includes(dataDir), error.message)
    return true
  })
})

test('compaction is refused when a topic is created', async (t) => {
  const log = await temporaryLog(t)
  const config = { 'cleanup.policy': 'compact' }
  await assert.rejects(
    log.createTopic({ name: 'c', partitions: 1, config }),
    hasCode('log.policy-unsupported'),
  )
  assert.equal(await log.describeTopic('c'), null)
})

test('when the owner thread dies, polls and calls are rejected and the process is told', async (t) => {
  const log = await temporaryLog(t)
  const consumer = await log.openConsumer({
    group: 'g',
    topics: ['t'],
    member: { index: 0, count: 1 },
    onAssigned: async () => undefined,
    onRevoked: async () => undefined,
  })
  const poll = assert.rejects(consumer.poll(1, AbortSignal.timeout(10_000)), hasCode('log.owner-failed'))
  await log.listTopics()
  // Not a request at all: nothing in the owner thread catches what it makes of it.
  log.connect().postMessage(null, [])
  assert.equal((await log.failed).code, 'log.owner-failed')
  await poll
  await assert.rejects(log.listTopics(), hasCode('log.owner-failed'))
})
