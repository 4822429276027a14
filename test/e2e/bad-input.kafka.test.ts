import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { freePort } from '../servers/free-port.ts'
import { startKafka, workersOnKafka, type KafkaServer } from '../servers/kafka.ts'
import { startWorker, WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const PASSWORD = 'correct-horse'

let kafka: KafkaServer
let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailrace-bad-'))
  kafka = await startKafka(
    { 'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_PLAINTEXT' },
    {
      listener: {
        'sasl.enabled.mechanisms': 'PLAIN',
        'plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_tail="${PASSWORD}";`,
      },
      users: {},
    },
  )
})
after(async () => {
  await kafka.stop()
  await rm(directory, { recursive: true, force: true })
})

test('a worker that finds no broker says so, and goes on when one comes', async () => {
  await kafka.kill()
  const place = { port: await freePort(), dataDir: join(directory, 'early') }
  await using worker = new WorkerProcess({ env: workersOnKafka(kafka, 'early') }, place)
  // It gives up waiting for the answer sooner than a broker starts on a busy machine.
  const started = worker.start().catch(() => undefined)
  await waitFor('the message', () => worker.output.includes('waits until a Kafka broker answers'))
  await worker.hasWritten(/Cannot connect to Kafka at 127\.0\.0\.1:\d+/)
  await kafka.restart()
  await waitFor('the worker', async () => (await fetch(worker.url)).ok)
  await started
})

test('a worker without a broker ends when it is told to', async () => {
  const place = { port: await freePort(), dataDir: join(directory, 'stopped') }
  const nobody = { bootstrapServers: `127.0.0.1:${await freePort()}` }
  const worker = new WorkerProcess({ env: workersOnKafka(nobody, 'stopped') }, place)
  const ended = assert.rejects(worker.start(), /exited with 0/)
  await waitFor('the message', () => worker.output.includes('waits until a Kafka broker answers'))
  await worker.terminate()
  await ended
})

test('a worker with a wrong password ends with an error that names the property and not the password', async () => {
  const error = await refused({
    ...workersOnKafka({ bootstrapServers: kafka.secureServers }, 'login'),
    CONNECT_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
    CONNECT_SASL_MECHANISM: 'PLAIN',
    CONNECT_SASL_JAAS_CONFIG:
      'org.apache.kafka.common.security.plain.PlainLoginModule required username="tail" password="wrong-staple";',
  })
  assert.match(error, /Check sasl\.mechanism and sasl\.jaas\.config/)
  assert.doesNotMatch(error, /wrong-staple/)
})

test('a worker whose storage topic would lose what it keeps there does not start', async () => {
  await using log = await plainLog()
  await log.createTopic({
    name: 'lossy-configs',
    partitions: 1,
    replicationFactor: 1,
    config: { 'cleanup.policy': 'delete' },
  })
  const error = await refused(workersOnKafka(kafka, 'lossy'))
  assert.match(error, /Topic lossy-configs of config\.storage\.topic has cleanup\.policy=delete/)
})

test('records too large for a topic, and topics that are deleted under source and sink', async (t) => {
  await using worker = await startWorker({
    env: {
      ...workersOnKafka(kafka, 'running'),
      CONNECT_TASKS_AUTO_RESTART_DELAY_MAX_MS: '500',
      CONNECT_METADATA_MAX_AGE_MS: '500',
    },
  })
  const [from, to] = [join(directory, 'from'), join(directory, 'to')]
  await writeFile(from, 'one\n')
  const text = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }
  await worker.create('lines', {
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    file: from,
    topic: 'lines',
    ...text,
  })
  await worker.create('copy', {
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    file: to,
    topics: 'lines',
    ...text,
  })
  const copied = (line: string) =>
    waitFor(line, async () => (await readFile(to, 'utf8')).split('\n').includes(line))
  await copied('one')

  await t.test('a deleted topic fails the source by name until somebody lets it go on', async () => {
    await using log = await plainLog()
    const failed = (words: RegExp) =>
      waitFor('the source to fail', async () => {
        const { tasks, trace } = await worker.states('lines')
        return tasks[0] === 'FAILED' && words.test(trace)
      })
    assert.ok(await log.deleteTopic('lines'))
    await appendFile(from, 'two\n')
    await failed(/Topic lines was deleted after connector lines had written to it/)
    // Somebody makes it again, and the worker begins anew: it is not the one that it was.
    assert.equal(await log.createTopic({ name: 'lines', partitions: 1 }), 'created')
    await worker.kill()
    await worker.start()
    await failed(/Topic lines was deleted and made again after connector lines had written to it/)
    assert.equal((await worker.rest('PUT', '/connectors/lines/topics/reset')).status, 202)
    await worker.rest('POST', '/connectors/lines/tasks/0/restart')
    await copied('two')
    for (const name of ['lines', 'copy']) {
      await waitFor(`${name} to run`, async () => (await worker.states(name)).tasks[0] === 'RUNNING')
    }
  })

  await t.test('a record that is too large fails the task, with the limit that it breaks', async () => {
    await appendFile(from, `${'x'.repeat(1_200_000)}\n`)
    const { trace } = await waitFor('the failure', async () => {
      const states = await worker.states('lines')
      return states.tasks[0] === 'FAILED' && states
    })
    assert.match(
      trace,
      /Cannot append to topic lines, partition 0: the record without key takes 12\d{5} bytes/,
    )
    assert.match(trace, /max\.message\.bytes/)
    assert.equal((await worker.states('copy')).tasks[0], 'RUNNING')
  })
})

function plainLog() {
  return openKafkaLog({
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'test',
    internalTopics: { offsets: { name: 'unused', partitions: 1, property: 'offset.storage' } },
  })
}

/** What a worker says that ends at once. */
async function refused(env: Readonly<Record<string, string>>): Promise<string> {
  const place = { port: await freePort(), dataDir: join(directory, 'refused') }
  const worker = new WorkerProcess({ env }, place)
  await assert.rejects(worker.start(), /exited with 1/)
  return worker.output
}
