import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pino from 'pino'
import { startWorker, type RunningWorker } from '../../src/cli/compose.ts'
import { workerRequests } from '../../src/connect/distributed/worker-requests.ts'
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { hashPassword } from '../../src/rest/access/password-hash.ts'
import { TestAuthority, type Identity } from '../servers/certificates.ts'
import { freePort } from '../servers/free-port.ts'
import { sharedKafka, type SharedKafka } from '../servers/kafka.ts'
import { waitFor } from '../wait-for.ts'

const logger = pino({ level: 'silent' })
const authority = new TestAuthority()
const client = authority.issue('client')
let kafka: SharedKafka
before(async () => void (kafka = await sharedKafka()))
after(async () => {
  await kafka[Symbol.asyncDispose]()
  authority[Symbol.dispose]()
})

/** A worker of a group, within this process. */
class Worker implements AsyncDisposable {
  readonly #running: RunningWorker
  readonly #authorization: string
  readonly #ask = workerRequests(() => ({
    ca: authority.pem,
    key: readFileSync(client.key),
    cert: readFileSync(client.certificate),
  }))

  constructor(running: RunningWorker, authorization: string) {
    this.#running = running
    this.#authorization = authorization
  }

  static async start(
    group: string,
    properties: Readonly<Record<string, string>>,
    authorization = '',
  ): Promise<Worker> {
    const shared = {
      'bootstrap.servers': kafka.bootstrapServers,
      'group.id': group,
      'session.timeout.ms': '6000',
      'heartbeat.interval.ms': '200',
      'scheduled.rebalance.max.delay.ms': '0',
      listeners: `${properties['rest.advertised.listener'] ?? 'http'}://127.0.0.1:${await freePort()}`,
    }
    const topics = ['config', 'offset', 'status'].flatMap((what) => [
      [`${what}.storage.topic`, `${group}-${what}`],
      [`${what}.storage.replication.factor`, '1'],
    ])
    const all = { ...shared, ...(Object.fromEntries(topics) as Record<string, string>), ...properties }
    return new Worker(await startWorker({ properties: all, version: 'test', logger }), authorization)
  }

  get id(): string {
    return new URL(this.#running.url).host
  }

  async call(
    method: string,
    path: string,
    { body, authorization = this.#authorization }: { body?: unknown; authorization?: string } = {},
  ): Promise<{ status: number; body: unknown }> {
    const { status, text } = await this.#ask(new URL(path, this.#running.url), {
      method,
      headers: { 'content-type': 'application/json', ...(authorization === '' ? {} : { authorization }) },
      body: body === undefined ? '' : JSON.stringify(body),
      signal: AbortSignal.timeout(90_000),
    })
    return { status, body: text === '' ? null : JSON.parse(text) }
  }

  /** A connector that reads a file of its own into a topic of its own. */
  async readFile(name: string): Promise<void> {
    const file = join(authority.place, name)
    await writeFile(file, 'one\n')
    const config = {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      file,
      topic: name,
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    }
    const { status, body } = await this.call('POST', '/connectors', { body: { name, config } })
    assert.equal(status, 201, JSON.stringify(body))
  }

  /** `STATE@WORKER` of a connector and its tasks. */
  async states(name: string): Promise<readonly string[]> {
    const { body } = await this.call('GET', `/connectors/${name}/status`)
    const { connector, tasks = [] } = body as { connector?: State; tasks?: State[] }
    return [connector, ...tasks].map((one) => `${one?.state}@${one?.worker_id}`)
  }

  async untilRunning(name: string): Promise<void> {
    await waitFor(`${name} to run`, async () => {
      const states = await this.states(name)
      if (states.length < 2 || !states.every((state) => state.startsWith('RUNNING@')))
        throw new Error(states.join(' '))
      return true
    })
  }

  async records(topic: string): Promise<readonly unknown[]> {
    const { body } = await this.call('GET', `/topics/${topic}/records`)
    return ((body as { records?: { value: unknown }[] }).records ?? []).map(({ value }) => value)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#running.close()
  }
}

interface State {
  readonly state: string
  readonly worker_id: string
}

const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`

test('workers with logins and client certificates pass on what they are asked, over TLS, and share the work', async () => {
  const users = join(authority.place, 'users')
  await writeFile(users, `ann:${await hashPassword('s3cret')}\n`)
  const protectedBy = (identity: Identity, prefix = ''): Record<string, string> => ({
    'rest.advertised.listener': 'https',
    [`${prefix}ssl.keystore.location`]: identity.pem,
    [`${prefix}ssl.truststore.location`]: authority.certificate,
    [`${prefix}ssl.client.auth`]: 'required',
    'rest.auth.users.file': users,
    'rest.auth.bearer.token': 't0ken',
  })
  const login = basic('ann', 's3cret')
  await using one = await Worker.start(
    'settings-secure',
    protectedBy(authority.issue('one'), 'listeners.https.'),
    login,
  )
  await using two = await Worker.start('settings-secure', protectedBy(authority.issue('two')), 'Bearer t0ken')
  // One of both is not the leader and passes it on; each connector may be another one's to publish.
  await one.readFile('secure-a')
  await two.readFile('secure-b')
  const owners = new Set<string>()
  for (const name of ['secure-a', 'secure-b']) {
    for (const worker of [one, two]) await worker.untilRunning(name)
    for (const state of await one.states(name)) owners.add(state.split('@')[1]!)
  }
  assert.deepEqual(owners, new Set([one.id, two.id]))
  for (const worker of [one, two]) {
    for (const authorization of ['', basic('ann', 'wrong'), 'Bearer wrong']) {
      const refused = await worker.call('DELETE', '/connectors/secure-a', { authorization })
      assert.equal(refused.status, 401)
    }
    for (const name of ['secure-a', 'secure-b']) {
      assert.equal((await worker.call('POST', `/connectors/${name}/restart`)).status, 204)
      assert.equal((await worker.call('POST', `/connectors/${name}/tasks/0/restart`)).status, 204)
    }
  }
  for (const [name, worker] of [
    ['secure-a', two],
    ['secure-b', one],
  ] as const) {
    assert.equal((await worker.call('DELETE', `/connectors/${name}`)).status, 204)
  }
})

test('a worker that does not trust the others says which property would make it', async () => {
  using other = new TestAuthority()
  const tls = (truststore: string): Record<string, string> => ({
    'rest.advertised.listener': 'https',
    'ssl.keystore.location': authority.issue('worker').pem,
    'ssl.truststore.location': truststore,
  })
  await using _leader = await Worker.start('settings-untrusting', tls(authority.certificate))
  await using follower = await Worker.start('settings-untrusting', tls(other.certificate))
  const { status, body } = await follower.call('DELETE', '/connectors/none')
  assert.equal(status, 500)
  assert.match(
    (body as { message: string }).message,
    /certificate.*listeners\.https\.ssl\.truststore\.location/,
  )
})

test('workers of the eager protocol share the work, and who stays takes it over', async () => {
  const eager = { 'connect.protocol': 'eager' }
  await using stays = await Worker.start('settings-eager', eager)
  {
    await using goes = await Worker.start('settings-eager', eager)
    await stays.readFile('eager-a')
    await goes.readFile('eager-b')
    for (const name of ['eager-a', 'eager-b']) await goes.untilRunning(name)
    const owners = new Set<string>()
    for (const name of ['eager-a', 'eager-b']) {
      for (const state of await stays.states(name)) owners.add(state.split('@')[1]!)
    }
    assert.deepEqual(owners, new Set([stays.id, goes.id]))
  }
  for (const name of ['eager-a', 'eager-b']) {
    await waitFor(
      `${name} to run here`,
      async () => (await stays.states(name)).join() === `RUNNING@${stays.id},RUNNING@${stays.id}`,
    )
    await appendFile(join(authority.place, name), 'two\n')
    await waitFor('the next line', async () => (await stays.records(name)).includes('two'))
    assert.deepEqual(await stays.records(name), ['one', 'two'])
  }
})

test('a topic that neither worker nor brokers may create is named, and found once it is there', async () => {
  await using worker = await Worker.start('settings-creating', {
    'topic.creation.enable': 'false',
    'tasks.auto.restart.delay.max.ms': '500',
  })
  await worker.readFile('settings-missing')
  await waitFor('the reason', async () => {
    const { body } = await worker.call('GET', '/connectors/settings-missing/status')
    return /no topic settings-missing.*topic\.creation\.enable=false.*auto\.create\.topics\.enable/.test(
      JSON.stringify(body),
    )
  })
  await using log = await openKafkaLog({
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'admin',
    internalTopics: { offsets: { name: 'unused', partitions: 1, property: 'unused' } },
  })
  await log.createTopic({ name: 'settings-missing', partitions: 1, replicationFactor: 1 })
  await waitFor('the line', async () => (await worker.records('settings-missing')).length > 0)
  assert.deepEqual(await worker.records('settings-missing'), ['one'])
})
