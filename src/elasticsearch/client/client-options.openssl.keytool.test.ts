import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { KEY_STORE_PASSWORD, TestAuthority } from '../../../test/servers/certificates.ts'
import { describeError } from '../../api/errors.ts'
import { clientOptions } from './client-options.ts'
import { ElasticsearchClient } from './client.ts'
import { elasticsearchOptions } from '../options/elasticsearch-options.ts'

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function open(url: string, more: Readonly<Record<string, string>>) {
  const config = elasticsearchOptions.parse({ 'connection.url': url, ...more })
  const client = new ElasticsearchClient(clientOptions(config))
  return {
    get: () => client.request({ method: 'GET', path: '/' }),
    [Symbol.dispose]: () => client.close(),
  }
}

async function failureOf(url: string, more: Readonly<Record<string, string>>): Promise<string> {
  using client = open(url, more)
  return client.get().then(
    () => assert.fail('it was answered'),
    (error: unknown) => describeError(error),
  )
}

describe('encrypted connections', () => {
  let authority: TestAuthority
  let stranger: TestAuthority
  let server: Server
  let url: string
  let jks: string
  before(async () => {
    authority = new TestAuthority()
    stranger = new TestAuthority()
    const { key, certificate } = authority.issue('server')
    server = createHttpsServer(
      {
        key: readFileSync(key),
        cert: readFileSync(certificate),
        ca: authority.pem,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const socket = request.socket as TLSSocket
        response.end(JSON.stringify({ client: socket.authorized, version: socket.getProtocol() }))
      },
    )
    url = `https://127.0.0.1:${await listen(server)}`
    jks = join(authority.place, 'trust.jks')
    const trust = ['-importcert', '-alias', 'ca', '-file', authority.certificate, '-storetype', 'JKS']
    execFileSync('keytool', [...trust, '-keystore', jks, '-storepass', KEY_STORE_PASSWORD, '-noprompt'], {
      stdio: 'pipe',
    })
  })
  after(async () => {
    await new Promise((resolve) => server.close(resolve))
    authority[Symbol.dispose]()
    stranger[Symbol.dispose]()
  })

  const ssl = { 'elastic.security.protocol': 'SSL' }
  const trusting = () => ({ ...ssl, 'elastic.https.ssl.truststore.location': authority.certificate })

  test('an unknown authority is refused, and that is said', async () => {
    assert.match(await failureOf(url, {}), /unable to verify|self-signed|certificate/i)
    const other = { ...ssl, 'elastic.https.ssl.truststore.location': stranger.certificate }
    assert.match(await failureOf(url, other), /certificate/i)
  })

  const stores: readonly (readonly [string, () => Readonly<Record<string, string>>])[] = [
    ['a PEM file', trusting],
    ['PEM in the configuration', () => ({ ...ssl, 'elastic.https.ssl.truststore.certificates': authority.pem })], // prettier-ignore
    ['a JKS file', () => ({ ...ssl, 'elastic.https.ssl.truststore.location': jks, 'elastic.https.ssl.truststore.password': KEY_STORE_PASSWORD })], // prettier-ignore
  ]
  for (const [what, config] of stores) {
    test(`an authority of one's own is trusted from ${what}`, async () => {
      using client = open(url, config())
      const { status, bytes } = await client.get()
      assert.deepEqual([status, JSON.parse(bytes.toString())], [200, { client: false, version: 'TLSv1.3' }])
    })
  }

  for (const kind of ['pem', 'pkcs12'] as const) {
    test(`the sink shows its certificate from a key store in ${kind}, by the version of TLS that is allowed`, async () => {
      using client = open(url, {
        ...trusting(),
        'elastic.https.ssl.keystore.location': authority.issue('sink')[kind],
        'elastic.https.ssl.keystore.password': KEY_STORE_PASSWORD,
        'elastic.https.ssl.enabled.protocols': 'TLSv1.2',
      })
      const { bytes } = await client.get()
      assert.deepEqual(JSON.parse(bytes.toString()), { client: true, version: 'TLSv1.2' })
    })
  }

  test('the name of the host counts, unless that is left out', async () => {
    // A name that the certificate does not have; the system resolves it to this machine.
    const named = url.replace('127.0.0.1', 'sink.localhost')
    const config = { ...trusting(), 'connection.timeout.ms': '5000' }
    const withoutName = { ...config, 'elastic.https.ssl.endpoint.identification.algorithm': '' }
    const failure = await failureOf(named, config)
    // Without such a resolver there is nothing to compare.
    if (/ENOTFOUND|EAI_AGAIN/.test(failure)) return
    assert.match(failure, /does not match certificate|altnames/i)
    using client = open(named, withoutName)
    assert.equal((await client.get()).status, 200)
  })

  test('requests go through a proxy, with its login, and through a tunnel where they are encrypted', async () => {
    const seen: string[] = []
    const plain = createHttpServer((_, response) => response.end('{}'))
    const plainUrl = `http://127.0.0.1:${await listen(plain)}`
    const login = ({ headers }: IncomingMessage) =>
      Buffer.from(headers['proxy-authorization']?.split(' ')[1] ?? '', 'base64').toString()
    const proxy = createHttpServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${login(request)}`)
      const { method, headers } = request
      httpRequest(request.url!, { method, headers }, (answer) => answer.pipe(response)).end()
    })
    proxy.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url} ${login(request)}`)
      const [host, port] = request.url!.split(':')
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      upstream.on('error', () => socket.destroy())
      socket.on('error', () => upstream.destroy())
    })
    const through = {
      'proxy.host': '127.0.0.1',
      'proxy.port': String(await listen(proxy)),
      'proxy.username': 'pröxy',
      'proxy.password': 'p:@/',
    }
    try {
      for (const [target, config] of [
        [plainUrl, through],
        [url, { ...trusting(), ...through }],
      ] as const) {
        using client = open(target, config)
        assert.equal((await client.get()).status, 200)
      }
      assert.deepEqual(seen, [`GET ${plainUrl}/ pröxy:p:@/`, `CONNECT ${url.slice(8)} pröxy:p:@/`])
    } finally {
      proxy.closeAllConnections()
      for (const one of [proxy, plain]) await new Promise((resolve) => one.close(resolve))
    }
  })
})
