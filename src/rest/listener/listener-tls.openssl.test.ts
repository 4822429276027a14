import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { after, test } from 'node:test'
import type { TlsOptions } from 'node:tls'
import { KEY_STORE_PASSWORD, TestAuthority } from '../../../test/servers/certificates.ts'
import { RestServer, type Serves } from '../rest-server.ts'
import { FakeHerder } from '../testing/fake-herder.ts'
import { listenerTls } from './listener-tls.ts'

const authority = new TestAuthority()
after(() => authority[Symbol.dispose]())
const server = authority.issue('server')
const client = authority.issue('client')
const other = new TestAuthority()
after(() => other[Symbol.dispose]())
const stranger = other.issue('stranger')

const logger = { level: 'info', debug() {}, info() {}, warn() {}, error() {} }

/** Runs a server with one TLS listener. */
async function withListener(
  properties: Record<string, string>,
  work: (get: (more?: TlsOptions, path?: string) => Promise<string>) => Promise<void>,
  serves: Serves = 'all',
): Promise<void> {
  await using rest = new RestServer({ herder: new FakeHerder(), logger })
  const port = await rest.listen({ port: 0, tls: listenerTls(properties, 'listeners.https.'), serves })
  const get = (more: TlsOptions = {}, path = '/connectors') =>
    new Promise<string>((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path, ca: authority.pem, agent: false, ...more }
      const sent = request(options, (answer) => {
        answer.setEncoding('utf8')
        let text = `${answer.statusCode} `
        answer.on('data', (chunk: string) => (text += chunk))
        answer.on('end', () => resolve(text))
      })
      sent.on('error', reject)
      sent.end()
    })
  await work(get)
}

const pem = { 'ssl.keystore.location': server.pem }

test('https listeners take keys as PEM, as PKCS12, and written into the properties', async () => {
  const oneLine = (file: string) => readFileSync(file, 'utf8').replaceAll('\n', ' ')
  const ways: readonly Record<string, string>[] = [
    { ...pem, 'ssl.keystore.type': 'PEM' },
    {
      'listeners.https.ssl.keystore.location': server.pkcs12,
      'listeners.https.ssl.keystore.password': KEY_STORE_PASSWORD,
      'listeners.https.ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': '/not/looked/at',
    },
    {
      'ssl.keystore.key': oneLine(server.key),
      'ssl.keystore.certificate.chain': oneLine(server.certificate),
    },
  ]
  for (const properties of ways) {
    await withListener(properties, async (get) => assert.equal(await get(), '200 []'))
  }
})

test('clients show a certificate where they are asked for one', async () => {
  const truststore = { ...pem, 'ssl.truststore.location': authority.certificate }
  const shown = (identity: typeof client): TlsOptions => ({
    key: readFileSync(identity.key),
    cert: readFileSync(identity.certificate),
  })
  await withListener({ ...truststore, 'ssl.client.auth': 'required' }, async (get) => {
    assert.equal(await get(shown(client)), '200 []')
    await assert.rejects(get(), { code: /ECONNRESET|ERR_SSL/ })
    await assert.rejects(get(shown(stranger)), { code: /ECONNRESET|ERR_SSL|EPIPE/ })
  })
  await withListener({ ...truststore, 'ssl.client.auth': 'requested' }, async (get) => {
    assert.equal(await get(), '200 []')
  })
})

test('TLS 1.1 is refused, and a suite by its Java name taken', async () => {
  const suite = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'
  const properties = { ...pem, 'ssl.enabled.protocols': 'TLSv1.2', 'ssl.cipher.suites': suite }
  // Whatever OpenSSL would let through by itself.
  assert.equal(listenerTls(pem, 'listeners.https.').minVersion, 'TLSv1.2')
  const older = { ...pem, 'ssl.enabled.protocols': 'TLSv1.1,TLSv1.2' }
  assert.throws(() => listenerTls(older, 'listeners.https.'), /must have TLSv1\.2 or TLSv1\.3/)
  await withListener(properties, async (get) => {
    assert.equal(await get(), '200 []')
    // OpenSSL itself lets no client begin with so old a version, unless it is told that nothing matters.
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const
    await assert.rejects(get(old))
    await assert.rejects(get({ minVersion: 'TLSv1.3' }))
    await assert.rejects(get({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' }))
  })
})

test('a listener answers to what it is for', async () => {
  const status = async (serves: Serves): Promise<string[]> => {
    const statuses: string[] = []
    const note = async (get: (more: TlsOptions, path: string) => Promise<string>) => {
      for (const path of ['/connectors', '/admin/loggers']) statuses.push((await get({}, path)).slice(0, 3))
    }
    await withListener(pem, note, serves)
    return statuses
  }
  assert.deepEqual(await status('all'), ['200', '200'])
  assert.deepEqual(await status('public'), ['200', '404'])
  assert.deepEqual(await status('admin'), ['404', '200'])
})

test('keys that cannot be used stop the start, with the option and without a secret', async () => {
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{}, /ssl\.keystore\.location: a listener with https needs/],
    [{ 'ssl.keystore.location': '/none' }, /ssl\.keystore\.location: \/none cannot be read/],
    [{ 'ssl.keystore.key': 'k' }, /ssl\.keystore\.key: it must be a private key/],
    [{ ...pem, 'ssl.enabled.protocols': 'TLSv1.1' }, /ssl\.enabled\.protocols: it must have TLSv1\.2/],
    [{ ...pem, 'ssl.cipher.suites': 'NULL' }, /NULL is not known/],
    [{ ...pem, 'ssl.client.auth': 'required' }, /need the authorities/],
    [{ ...pem, 'ssl.client.auth': 'perhaps' }, /String must be one of: none, requested, required/],
    [
      { 'ssl.keystore.location': server.pkcs12, 'ssl.keystore.password': 'wrong9' },
      /ssl\.keystore\.location: .* cannot be opened/,
    ],
    [{ 'ssl.keystore.location': server.certificate }, /must hold a private key/],
  ]
  for (const [properties, message] of cases) {
    await assert.rejects(
      withListener(properties, async () => {}),
      (error: Error) => {
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /wrong9/)
        return error.name === 'ConfigError'
      },
    )
  }
})
