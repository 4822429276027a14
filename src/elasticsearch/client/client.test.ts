import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describeError, RetriableError } from '../../api/errors.ts'
import { ElasticsearchClient, type ClientOptions } from './client.ts'
import { parseNode } from './node-pool.ts'

type Handler = (request: IncomingMessage, body: Buffer, response: ServerResponse) => void

async function serve(handler: Handler) {
  let connections = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => handler(request, Buffer.concat(chunks), response))
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function openClient(urls: readonly string[], more: Partial<ClientOptions> = {}) {
  const client = new ElasticsearchClient({
    nodes: urls.map(parseNode),
    authentication: { kind: 'basic', credentials: null },
    tls: null,
    proxy: null,
    isCompressed: false,
    connectTimeoutMs: 1000,
    readTimeoutMs: 3000,
    idleTimeoutMs: 60_000,
    maxConnections: 5,
    isHostNameVerified: true,
    ...more,
  })
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}

/** A port where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('any status is an answer, and connections are kept', async () => {
  await using server = await serve((request, body, response) => {
    response
      .writeHead(request.url === '/no' ? 404 : 200)
      .end(`${request.method} ${request.url} ${body.toString()}`)
  })
  using client = openClient([`${server.url}/base/`])
  const answer = await client.request({ method: 'POST', path: '/_bulk', body: Buffer.from('x') })
  assert.deepEqual([answer.status, answer.bytes.toString()], [200, 'POST /base/_bulk x'])
  using other = openClient([server.url])
  assert.equal((await other.request({ method: 'GET', path: '/no' })).status, 404)
  assert.equal((await other.request({ method: 'HEAD', path: '/' })).status, 200)
  assert.equal(server.connections(), 2)
})

test('credentials go with every request, those of the configuration before those of the address', async () => {
  const seen: (string | undefined)[] = []
  await using server = await serve((request, _, response) => {
    seen.push(request.headers.authorization)
    response.end()
  })
  using given = openClient([server.url], { authentication: { kind: 'basic', credentials: 'elastic:sécret' } })
  await given.request({ method: 'GET', path: '/' })
  using inAddress = openClient([server.url.replace('//', '//u:p@')])
  await inAddress.request({ method: 'GET', path: '/' })
  const decode = (header: string | undefined) =>
    Buffer.from(header!.replace('Basic ', ''), 'base64').toString()
  assert.deepEqual(seen.map(decode), ['elastic:sécret', 'u:p'])
})

test('requests and answers are compressed where that is asked for', async () => {
  await using server = await serve((request, body, response) => {
    assert.equal(request.headers['content-encoding'], 'gzip')
    response.setHeader('content-encoding', 'gzip').end(gzipSync(gunzipSync(body)))
  })
  using client = openClient([server.url], { isCompressed: true })
  const body = Buffer.from('{"a":1}\n'.repeat(1000))
  const answer = await client.request({ method: 'POST', path: '/_bulk', body })
  assert.equal(answer.bytes.toString(), body.toString())
})

test('a node that refuses connections is passed over, and without any other the error names it', async () => {
  await using server = await serve((_, __, response) => response.end('here'))
  const dead = `http://127.0.0.1:${await closedPort()}`
  using alone = openClient([dead.replace('//', '//user:secret@')])
  await assert.rejects(alone.request({ method: 'GET', path: '/' }), (error) => {
    assert.ok(error instanceof RetriableError)
    assert.match(
      describeError(error),
      /^No answer from Elasticsearch at http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/,
    )
    assert.doesNotMatch(describeError(error), /secret/)
    return true
  })
  using client = openClient([dead, server.url])
  await assert.rejects(client.request({ method: 'GET', path: '/' }), RetriableError)
  for (let i = 0; i < 3; i++)
    assert.equal((await client.request({ method: 'GET', path: '/' })).bytes.toString(), 'here')
})

test('an answer that does not come in time is an error, and so is one that breaks off', async () => {
  await using server = await serve((request, _, response) => {
    if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': 100 }).write('half')
      setImmediate(() => response.destroy())
    }
  })
  using client = openClient([server.url], { readTimeoutMs: 40 })
  await assert.rejects(client.request({ method: 'GET', path: '/hang' }), (error) => {
    assert.match(describeError(error), /No answer within 40 ms \(read\.timeout\.ms\)/)
    return true
  })
  await assert.rejects(client.request({ method: 'GET', path: '/cut' }), RetriableError)
})

test('a kept connection that the other side has closed is replaced without an error', async () => {
  const sockets = new Set<IncomingMessage['socket']>()
  await using server = await serve((request, _, response) => {
    sockets.add(request.socket)
    response.end('ok')
  })
  using client = openClient([server.url])
  for (let i = 0; i < 5; i++) {
    assert.equal((await client.request({ method: 'GET', path: '/' })).bytes.toString(), 'ok')
    // Closed from the other side while the client has not looked yet.
    for (const socket of sockets) socket.resetAndDestroy()
    sockets.clear()
  }
})

test('what must not be done twice is not sent again when a kept connection breaks', async () => {
  let heard = 0
  await using server = await serve((request, _, response) => {
    heard++
    if (request.url === '/first') response.end('ok')
    else request.socket.resetAndDestroy()
  })
  using client = openClient([server.url])
  for (const [isOnce, times] of [
    [true, 1],
    [false, 2],
  ] as const) {
    await client.request({ method: 'GET', path: '/first' })
    heard = 0
    await assert.rejects(client.request({ method: 'POST', path: '/next', isOnce }), RetriableError)
    assert.equal(heard, times)
  }
})

test('a connection that cannot be opened in time is an error', async () => {
  // A listener that never accepts, its queue filled, leaves further connections hanging.
  const server = createTcpServer({ pauseOnConnect: true })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, resolve))
  const { port } = server.address() as AddressInfo
  const blockers = [1, 2, 3].map(() => connect(port, '127.0.0.1').on('error', () => {}))
  using client = openClient([`http://127.0.0.1:${port}`], { connectTimeoutMs: 50, readTimeoutMs: 80 })
  await assert.rejects(client.request({ method: 'GET', path: '/' }), RetriableError)
  for (const blocker of blockers) blocker.destroy()
  server.close()
})

test('closing ends what is under way', async () => {
  const arrived = Promise.withResolvers<void>()
  await using server = await serve(() => arrived.resolve())
  using client = openClient([server.url])
  const request = client.request({ method: 'GET', path: '/' })
  const rejected = assert.rejects(request, RetriableError)
  await arrived.promise
  client.close()
  client.close()
  await rejected
  await assert.rejects(client.request({ method: 'GET', path: '/' }), RetriableError)
})

test('an answer that is too large, or gets too large when it is unpacked, is none', async () => {
  await using server = await serve((request, _body, response) => {
    const text = Buffer.alloc(request.url === '/fits' ? 1000 : 100_000, ' ')
    if (request.url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text))
    else response.end(text)
  })
  using client = openClient([server.url], { mostAnswerBytes: 1000 })
  assert.equal((await client.request({ method: 'GET', path: '/fits' })).bytes.length, 1000)
  for (const path of ['/long', '/packed']) {
    await assert.rejects(client.request({ method: 'GET', path }), (error) => {
      assert.ok(error instanceof RetriableError)
      assert.match(describeError(error), /The answer is larger than 1000 bytes/)
      return true
    })
  }
})
