import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { connect as connectTo, createServer as createProxy, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { after, before, test } from 'node:test'
import { shell } from '../../../test/docs/shell.ts'
import { canaryPassword } from '../../../test/servers/canary.ts'
import { KEY_STORE_PASSWORD, TestAuthority } from '../../../test/servers/certificates.ts'
import { placeKafkaAcls, startKafka, type KafkaServer } from '../../../test/servers/kafka.ts'
import { waitFor } from '../../../test/wait-for.ts'
import { batchOf } from '../contract/contract-batches.ts'
import { hasCode, newName, readAll } from '../contract/contract-log.ts'
import { clientSettings } from './connection/client-settings.ts'
import { openKafkaLog } from './kafka-log.ts'
import type { ClientProperties } from './kafka-log-description.ts'
import { kafkaPreflight } from './kafka-preflight.ts'

const SECRET = canaryPassword('alice')
/** `ANONYMOUS`: the broker itself, and who comes with a certificate or neither; `tailrace`: with a token. */
const SUPER_USERS = ['ANONYMOUS', 'alice', 'tailrace']
const authority = new TestAuthority()
const client = authority.issue('client')
let kafka: KafkaServer
let tokens: Server

before(async () => {
  const module = (name: string, options = '') =>
    `org.apache.kafka.common.security.${name} required${options};`
  kafka = await startKafka(
    {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // All but bob.
      'super.users': SUPER_USERS.map((name) => `User:${name}`).join(';'),
    },
    {
      users: { alice: SECRET },
      listener: {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': authority.issue('broker').pem,
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': authority.certificate,
        'ssl.client.auth': 'requested',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        'plain.sasl.jaas.config': module(
          'plain.PlainLoginModule',
          ` user_alice="${SECRET}" user_bob="${SECRET}"`,
        ),
        'scram-sha-256.sasl.jaas.config': module('scram.ScramLoginModule'),
        'scram-sha-512.sasl.jaas.config': module('scram.ScramLoginModule'),
        'oauthbearer.sasl.jaas.config': module('oauthbearer.OAuthBearerLoginModule'),
      },
    },
  )
  tokens = await startTokenEndpoint()
})
after(async () => {
  tokens.close()
  await kafka.stop()
  authority[Symbol.dispose]()
})

/** Gives tokens that nobody has signed, which brokers take where they are told nothing else. */
async function startTokenEndpoint(): Promise<Server> {
  const expected = `Basic ${Buffer.from(`tailrace:${SECRET}`).toString('base64')}`
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === expected
    const now = Math.floor(Date.now() / 1000)
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const token = `${part({ alg: 'none' })}.${part({ sub: 'tailrace', iat: now, exp: now + 600 })}.`
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(isKnown ? { access_token: token, expires_in: 600 } : { error: 'invalid_client' }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function tokenUrl(): string {
  return `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`
}

function login(properties: ClientProperties): ClientProperties {
  return {
    'security.protocol': 'SASL_SSL',
    'ssl.truststore.location': authority.certificate,
    'sasl.jaas.config': `Module required username="alice" password="${SECRET}";`,
    ...properties,
  }
}

async function connect(properties: ClientProperties, servers = kafka.secureServers): Promise<void> {
  const { security } = clientSettings('admin', login(properties))
  await using log = await openKafkaLog({
    bootstrapServers: [servers],
    clientId: 'test',
    security: security!,
    apiTimeoutMs: 3000,
    internalTopics: {
      offsets: { name: 'offsets', partitions: 1, property: 'offset.storage' },
    },
  })
  const name = newName('secured')
  assert.equal(await log.createTopic({ name, partitions: 1 }), 'created')
  assert.ok((await log.listTopics()).some((topic) => topic.name === name))
}

for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']) {
  test(`a user logs in with ${mechanism}`, () => connect({ 'sasl.mechanism': mechanism }))

  test(`a wrong password for ${mechanism} is refused at once, and never shown`, async () => {
    const password = 'not-hers'
    const wrong = {
      'sasl.mechanism': mechanism,
      'sasl.jaas.config': `M required username="alice" password="${password}";`,
    }
    await assert.rejects(connect(wrong), isRefused(/sasl\.jaas\.config/, password))
  })
}

test('the preflight names a wrong login, and is content with the one that its remedy asks for', async () => {
  const look = async (properties: ClientProperties) => {
    const { security } = clientSettings('admin', login({ 'sasl.mechanism': 'PLAIN', ...properties }))
    const settings = { bootstrapServers: [kafka.secureServers], clientId: 'test', security: security! }
    return kafkaPreflight(settings, [])
  }
  const password = 'not-hers'
  const [wrong, ...others] = await look({
    'sasl.jaas.config': `M required username="alice" password="${password}";`,
  })
  assert.deepEqual([wrong?.check, wrong?.level, others], ['login', 'FAIL', []])
  assert.match(wrong!.remedy!.apply, /Correct .*sasl\.jaas\.config/)
  assert.ok(!JSON.stringify(wrong).includes(password))
  assert.deepEqual(
    (await look({})).map(({ check, level }) => [check, level]),
    [['connection', 'OK']],
  )
})

test('the preflight names what ACLs do not let a user do, and the commands that it prints mend it', async () => {
  const place = await mkdtemp(join(tmpdir(), 'tailrace-acls-'))
  const user = (name: string): ClientProperties =>
    login({
      'sasl.mechanism': 'PLAIN',
      'sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required username="${name}" password="${SECRET}";`,
    })
  const { security } = clientSettings('admin', user('bob'))
  const settings = { bootstrapServers: [kafka.secureServers], clientId: 'test', security: security! }
  const [storage, written, dead] = [newName('configs'), newName('orders'), newName('dead')]
  const group = newName('workers')
  const transactionalId = `${group}-shop-0`
  const look = () =>
    kafkaPreflight(settings, [{ property: 'config.storage.topic', name: storage, isOrdered: true }], {
      topics: [
        { name: written, operations: ['Describe', 'DescribeConfigs', 'Read', 'Write'] },
        { name: dead, operations: ['Describe', 'Write'] },
      ],
      groups: [group],
      transactionalIds: [transactionalId],
    })
  try {
    const found = await look()
    assert.deepEqual(
      found.map(({ check, level }) => `${level} ${check}`),
      ['OK connection', 'FAIL rights', 'FAIL rights', 'FAIL rights', 'FAIL rights'],
    )
    assert.deepEqual(
      found.slice(1).map(({ message }) => message),
      [
        `Create, Describe, DescribeConfigs, Read, Write the topics ${storage}, ${written}`,
        `Create, Describe, Write the topic ${dead}`,
        `Describe, Read the group ${group}`,
        `Write the transactional id ${transactionalId}`,
      ].map((missing) => `ACLs do not let bob ${missing}`),
    )
    const admin = {
      ...user('alice'),
      'ssl.truststore.type': 'PEM',
      'ssl.endpoint.identification.algorithm': '',
    }
    const lines = Object.entries(admin).map((pair) => `${pair.join('=')}\n`)
    await writeFile(join(place, 'admin.properties'), lines.join(''))
    await placeKafkaAcls(join(place, 'bin'))
    const env = { ...process.env, PATH: `${join(place, 'bin')}:${process.env['PATH']}` }
    const commands = found.slice(1).map(({ remedy }) => remedy!.apply)
    await Promise.all(commands.map((command) => shell(command, { cwd: place, env })))
    // Brokers learn of it a moment later.
    await waitFor('nothing to be wrong any more', async () =>
      (await look()).every(({ level }) => level === 'OK'),
    )
    // It asked for the right to create, and created nothing.
    await using log = await openKafkaLog({
      ...settings,
      groupId: group,
      internalTopics: { offsets: { name: 'offsets', partitions: 1, property: 'offset.storage' } },
    })
    assert.equal(await log.describeTopic(storage), null)
    // Bob may now do what the rights are for.
    await log.createTopic({ name: written, partitions: 1 })
    const overrides = { producer: {}, consumer: {}, admin: {} }
    const client = { type: 'source', connector: 'shop', task: 0, overrides, isExactlyOnce: true } as const
    const task = await log.openTaskLog(client)
    await task.log.append({ batches: [{ topic: written, partition: 0, batch: batchOf('a') }] })
    await task.close()
    assert.deepEqual(await readAll(log, written, 0, 0n), ['0:a'])
  } finally {
    await rm(place, { recursive: true, force: true })
  }
})

test('a client logs in with the token of an endpoint', () =>
  connect({
    'sasl.mechanism': 'OAUTHBEARER',
    'sasl.oauthbearer.token.endpoint.url': tokenUrl(),
    'sasl.jaas.config': `Module required clientId="tailrace" clientSecret="${SECRET}";`,
  }))

test('an endpoint that gives no token is named', async () => {
  const properties = {
    'sasl.mechanism': 'OAUTHBEARER',
    'sasl.oauthbearer.token.endpoint.url': tokenUrl(),
    'sasl.jaas.config': 'Module required clientId="tailrace" clientSecret="wrong-one";',
  }
  await assert.rejects(
    connect(properties),
    isRefused(/token endpoint http.*401: invalid_client/, 'wrong-one'),
  )
  const gone = { ...properties, 'sasl.oauthbearer.token.endpoint.url': 'http://127.0.0.1:1/token' }
  await assert.rejects(connect(gone), hasCode('log.kafka-unreachable'))
})

test("the broker's certificate must be of a trusted authority", async () => {
  using other = new TestAuthority()
  const properties = { 'sasl.mechanism': 'PLAIN', 'ssl.truststore.location': other.certificate }
  await assert.rejects(connect(properties), isRefused(/ssl\.truststore\.location/, SECRET))
})

test('a host that the certificate does not name is refused, unless nobody asks', async (t) => {
  const port = Number(kafka.secureServers.split(':')[1])
  const proxy = createProxy((socket) => {
    const upstream = connectTo(port, '127.0.0.1')
    pipeline(socket, upstream, socket, () => undefined)
  })
  t.after(() => proxy.close())
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.2', resolve))
  const elsewhere = `127.0.0.2:${(proxy.address() as AddressInfo).port}`
  const properties = { 'sasl.mechanism': 'PLAIN' }
  await assert.rejects(connect(properties, elsewhere), isRefused(/127\.0\.0\.2/, SECRET))
  await connect({ ...properties, 'ssl.endpoint.identification.algorithm': '' }, elsewhere)
})

test('a client shows its own certificate, from a PKCS12 store or inline', async () => {
  await connect({
    'sasl.mechanism': 'PLAIN',
    'ssl.keystore.location': client.pkcs12,
    'ssl.keystore.password': KEY_STORE_PASSWORD,
    'ssl.truststore.certificates': authority.pem,
  })
})

function isRefused(message: RegExp, secret: string): (error: Error) => boolean {
  return (error) => {
    assert.ok(hasCode('log.kafka-refused')(error))
    assert.match(error.message, message)
    for (let part: unknown = error; part instanceof Error; part = part.cause) {
      assert.doesNotMatch(`${part.message} ${JSON.stringify(part)}`, new RegExp(secret))
    }
    return true
  }
}
