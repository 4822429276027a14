import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { argon2i, argon2id, bcrypt } from 'hash-wasm'
import { parseWorkerConfig } from '../../connect/config/worker-config.ts'
import { RestClient } from '../testing/rest-client.ts'
import { hashPassword, isPasswordHash } from './password-hash.ts'
import { extensionUsers } from './rest-extensions.ts'
import { headerValue, parseResponseHeaders } from './response-headers.ts'
import { loadRestAccess } from './rest-access.ts'

const place = mkdtempSync(join(tmpdir(), 'tailrace-access-'))
after(() => rmSync(place, { recursive: true, force: true }))
const users = join(place, 'users')
writeFileSync(users, `# who\nann:${await hashPassword('pässword:1')}\n\n`)

const clientWith = async (properties: Record<string, string>): Promise<RestClient> =>
  RestClient.start(60_000, await loadRestAccess(parseWorkerConfig(properties)))

const basic = (login: string) => ({ authorization: `Basic ${Buffer.from(login).toString('base64')}` })

test('users and bearers of the token may use the API, nobody else', async () => {
  await using client = await clientWith({ 'rest.auth.users.file': users, 'rest.auth.bearer.token': 't0ken' })
  const cases: readonly (readonly [headers: Record<string, string>, status: number])[] = [
    [{}, 401],
    [basic('ann:pässword:1'), 200],
    [basic('ann:pässword:1'), 200],
    [basic('ann:password:1'), 401],
    [basic('ann:'), 401],
    [basic('bob:pässword:1'), 401],
    [{ authorization: 'Basic !!!' }, 401],
    [{ authorization: 'Bearer t0ken' }, 200],
    [{ authorization: 'bearer t0ken' }, 200],
    [{ authorization: 'Bearer t0ken2' }, 401],
    [{ authorization: 'Bearer' }, 401],
  ]
  for (const [headers, status] of cases) {
    const answer = await client.call('GET', '/connectors', { headers })
    assert.equal(answer.status, status, JSON.stringify(headers))
    if (status === 401) {
      assert.deepEqual(answer.json, { error_code: 401, message: 'User cannot access the resource.' })
      assert.equal(answer.headers['www-authenticate'], 'Basic realm="tailrace", charset="UTF-8"')
    }
  }
  assert.equal((await client.call('DELETE', '/no/such/path')).status, 401)
  for (const path of ['/health', '/health/live', '/health/ready']) {
    assert.equal((await client.call('GET', path)).status, 200)
  }
  assert.equal((await client.call('GET', '/health/connectors')).status, 401)
})

test('no endpoint answers without a login, but whether the worker lives, and the page that asks for the login', async () => {
  await using client = await clientWith({ 'rest.auth.bearer.token': 't0ken' })
  const { json } = await client.call('GET', '/openapi.json', { headers: { authorization: 'Bearer t0ken' } })
  const { paths } = json as { paths: Record<string, Record<string, unknown>> }
  const open: string[] = []
  let closed = 0
  for (const [template, methods] of Object.entries(paths)) {
    const path = template.replaceAll(/\{[^}]*\}/g, 'x')
    for (const method of Object.keys(methods).map((name) => name.toUpperCase())) {
      const { status } = await client.call(method, path, /GET|DELETE/.test(method) ? {} : { json: {} })
      if (status === 401) closed++
      else open.push(`${method} ${template}`)
    }
  }
  assert.deepEqual(open.sort(), [
    'GET /console',
    'GET /console/assets/{file}',
    'GET /health',
    'GET /health/live',
    'GET /health/ready',
  ])
  assert.ok(closed > 60, String(closed))
})

test('hashes of htpasswd (bcrypt) and of argon2 let their users in', async () => {
  const options = { password: 'pässword:1', salt: Buffer.alloc(16, 7), outputType: 'encoded' } as const
  const argon2 = { ...options, parallelism: 1, iterations: 2, memorySize: 1024, hashLength: 32 }
  const foreign = join(place, 'foreign')
  const bcrypted = await bcrypt({ ...options, costFactor: 5 })
  const hashes = { ann: bcrypted, bob: bcrypted.replace('$2a$', '$2y$'), eve: await argon2id(argon2) }
  writeFileSync(
    foreign,
    [...Object.entries(hashes), ['dan', await argon2i(argon2)]].map((pair) => pair.join(':')).join('\n'),
  )
  await using client = await clientWith({ 'rest.auth.users.file': foreign })
  const status = async (login: string) => (await client.call('GET', '/', { headers: basic(login) })).status
  for (const user of ['ann', 'bob', 'eve', 'dan']) assert.equal(await status(`${user}:pässword:1`), 200, user)
  assert.deepEqual(
    [await status('ann:pässword:2'), await status('eve:'), await status('nobody:x')],
    [401, 401, 401],
  )
})

test("the users of Kafka Connect's own extension get in", async () => {
  const passwords = join(place, 'passwords.properties')
  const jaas = join(place, 'jaas.conf')
  writeFileSync(passwords, 'ann=s3cret\nbob=p\\:w\n')
  const login = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'
  writeFileSync(jaas, `// ours\nKafkaConnect {\n  ${login} required\n  file="${passwords}";\n};\n`)
  const extension = 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'
  const properties = { 'rest.extension.classes': extension, 'java.security.auth.login.config': jaas }
  await using client = await clientWith(properties)
  const status = async (login: string) => (await client.call('GET', '/', { headers: basic(login) })).status
  assert.deepEqual(
    [await status('ann:s3cret'), await status('bob:p:w'), await status('ann:x')],
    [200, 200, 401],
  )
  assert.deepEqual(
    [
      ...extensionUsers([extension], null, {
        KAFKA_OPTS: `-Xmx1g -Djava.security.auth.login.config=${jaas}`,
      })!.keys(),
    ],
    ['ann', 'bob'],
  )
  assert.throws(() => extensionUsers([extension], null, {}), {
    message: /needs a JAAS file.*rest\.auth\.users\.file/,
  })
  assert.throws(() => extensionUsers(['x.Y'], jaas, {}), { message: /x\.Y is Java's/ })
  assert.throws(() => extensionUsers([extension], passwords, {}), { message: /has no section KafkaConnect/ })
})

test('a hash that would take the worker down is refused at the start', () => {
  const argon2 = (costs: string) => `$argon2id$v=19$${costs}$c2FsdHNhbHQ$aGFzaGhhc2g`
  const scrypt = (costs: string) => `$scrypt$${costs}$c2FsdHNhbHQ$aGFzaGhhc2g`
  assert.ok(isPasswordHash(argon2('m=65536,t=3,p=4')))
  assert.ok(isPasswordHash(scrypt('ln=14,r=8,p=5')))
  for (const hash of [
    argon2('m=9999999,t=3,p=4'),
    argon2('m=65536,t=99,p=4'),
    scrypt('ln=30,r=8,p=1'),
    scrypt('ln=14,r=4096,p=1'),
    scrypt('ln=14,r=8,p=999'),
    `$2b$31$${'a'.repeat(53)}`,
    '$2b$10$a',
  ]) {
    assert.ok(!isPasswordHash(hash), hash)
  }
})

test('a users file that is missing or wrong stops the start and shows no hash', async () => {
  const bad = join(place, 'bad')
  writeFileSync(bad, 'ann:plaintext\n')
  const load = (file: string) => loadRestAccess(parseWorkerConfig({ 'rest.auth.users.file': file }))
  await assert.rejects(load(join(place, 'none')), { name: 'ConfigError', message: /cannot be read$/ })
  const emptyToken = parseWorkerConfig({ 'rest.auth.bearer.token': ' ' })
  await assert.rejects(loadRestAccess(emptyToken), { name: 'ConfigError', message: /is empty$/ })
  await assert.rejects(load(bad), (error: Error) => {
    assert.match(error.message, /^Line 1 of the users file .* is not NAME:HASH/)
    assert.doesNotMatch(error.message, /plaintext/)
    return true
  })
})

test('browsers let pages of allowed origins use the API', async () => {
  await using client = await clientWith({
    'access.control.allow.origin': 'https://*.example.org,http://localhost:3000',
    'access.control.allow.methods': 'GET,PUT',
    'rest.auth.bearer.token': 't',
  })
  const preflight = { 'access-control-request-method': 'PUT' }
  const allowed = await client.call('OPTIONS', '/connectors', {
    headers: { origin: 'https://a.example.org', ...preflight },
  })
  assert.deepEqual(
    [
      allowed.status,
      allowed.headers['access-control-allow-origin'],
      allowed.headers['access-control-allow-methods'],
      allowed.headers.vary,
    ],
    [200, 'https://a.example.org', 'GET,PUT', 'Origin'],
  )
  const refused = await client.call('OPTIONS', '/connectors', {
    headers: { origin: 'https://example.org.evil', ...preflight },
  })
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [401, undefined])
  const error = await client.call('GET', '/connectors', { headers: { origin: 'http://localhost:3000' } })
  assert.deepEqual(
    [error.status, error.headers['access-control-allow-origin']],
    [401, 'http://localhost:3000'],
  )
  await using silent = await clientWith({})
  const { headers } = await silent.call('GET', '/connectors', {
    headers: { origin: 'https://a.example.org' },
  })
  assert.equal(headers['access-control-allow-origin'], undefined, 'nobody is named')
})

test('answers get the headers that the worker is told', async () => {
  await using client = await clientWith({
    'response.http.headers.config': 'set X-Frame-Options: DENY, "add Cache-Control: no-cache, no-store"',
  })
  for (const path of ['/connectors', '/nope']) {
    const { headers } = await client.call('GET', path)
    assert.deepEqual([headers['x-frame-options'], headers['cache-control']], ['DENY', 'no-cache, no-store'])
  }
  const [expires] = parseResponseHeaders('setDate Expires: 31540000000')
  assert.equal(headerValue(expires!, 0), 'Fri, 01 Jan 1971 01:06:40 GMT')
  for (const wrong of ['put A: b', 'set A', 'setDate A: soon', 'set A b: c']) {
    assert.throws(() => parseResponseHeaders(wrong), { name: 'ConfigError' }, wrong)
  }
})
