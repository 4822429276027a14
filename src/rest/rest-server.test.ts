import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { connect } from 'node:net'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { ConnectError } from '../api/errors.ts'
import { RestServer } from './rest-server.ts'
import { FakeHerder } from './testing/fake-herder.ts'
import { RestClient } from './testing/rest-client.ts'

const SINK = { 'connector.class': 'FakeSinkConnector', topics: 't' }

test('unknown paths, methods and media types are answered in the words of JAX-RS', async () => {
  await using client = await RestClient.start()
  const json = { 'content-type': 'application/json' }
  const cases = [
    ['GET', '/nope', {}, 404, 'HTTP 404 Not Found'],
    ['GET', '/connectors/c/tasks/0', {}, 404, 'HTTP 404 Not Found'],
    ['POST', '/connectors/c/tasks/x/restart', {}, 404, 'HTTP 404 Not Found'],
    ['GET', '/connectors/%ff', {}, 404, 'HTTP 404 Not Found'],
    ['DELETE', '/connectors', {}, 405, 'HTTP 405 Method Not Allowed'],
    ['PUT', '/connectors', { raw: '{}' }, 405, 'HTTP 405 Method Not Allowed'],
    [
      'POST',
      '/connectors',
      { raw: '{}', headers: { 'content-type': 'text/plain' } },
      415,
      'HTTP 415 Unsupported Media Type',
    ],
    [
      'POST',
      '/connectors',
      { raw: '{}', headers: { 'content-type': 'application/merge-patch+json' } },
      415,
      'HTTP 415 Unsupported Media Type',
    ],
    ['GET', '/connectors', { headers: { accept: 'text/html' } }, 406, 'HTTP 406 Not Acceptable'],
    ['GET', '/connectors', { headers: { accept: 'application/json;q=0' } }, 406, 'HTTP 406 Not Acceptable'],
    [
      'GET',
      '/connectors/c',
      { headers: { ...json, accept: 'text/html, */*;q=0.1' } },
      404,
      'Connector c not found',
    ],
  ] as const
  for (const [method, path, call, status, message] of cases) {
    const answer = await client.call(method, path, call)
    assert.deepEqual(
      [answer.status, answer.json],
      [status, { error_code: status, message }],
      `${method} ${path}`,
    )
  }
  assert.equal((await client.call('DELETE', '/connectors')).headers.allow, 'HEAD, GET, POST, OPTIONS')
})

test('bytes that are no request are refused like everything else', async () => {
  await using client = await RestClient.start()
  const cases: readonly (readonly [sent: string, status: string])[] = [
    ['\u0000\r\n\r\n', '400 Bad Request'],
    ['GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n', '400 Bad Request'],
    [
      `GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(40_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
    ],
  ]
  for (const [sent, status] of cases) {
    const socket = connect(client.port, '127.0.0.1')
    socket.setEncoding('utf8').write(sent)
    let answer = ''
    for await (const chunk of socket) answer += chunk as string
    const [head, body] = answer.split('\r\n\r\n')
    assert.match(head!, new RegExp(`^HTTP/1.1 ${status}\r\n`))
    const code = Number.parseInt(status, 10)
    assert.equal(body, JSON.stringify({ error_code: code, message: `HTTP ${status}` }))
  }
})

test('a slash at the end of a path does not count', async () => {
  await using client = await RestClient.start()
  assert.deepEqual((await client.call('GET', '/connectors/')).json, [])
  assert.equal((await client.call('GET', '//connectors')).status, 404)
})

test('HEAD answers like GET without a body, OPTIONS names the methods', async () => {
  await using client = await RestClient.start()
  const head = await client.call('HEAD', '/connectors')
  assert.deepEqual([head.status, head.headers['content-type'], head.text], [200, 'application/json', ''])
  assert.equal((await client.call('HEAD', '/connectors/none')).status, 404)
  const options = await client.call('OPTIONS', '/connectors/none/config')
  assert.deepEqual(
    [options.status, options.headers['content-type'], options.headers.allow, options.text],
    [200, 'text/plain', 'HEAD, GET, PUT, PATCH, OPTIONS', 'HEAD, GET, PUT, PATCH, OPTIONS'],
  )
  assert.equal((await client.call('OPTIONS', '/nope')).status, 404)
})

test('requests of one connection are answered in their order', async () => {
  await using client = await RestClient.start()
  const socket = connect(client.port, '127.0.0.1')
  socket.write('GET /connectors HTTP/1.1\r\nhost: x\r\n\r\nHEAD /health HTTP/1.1\r\nhost: x\r\n\r\n')
  socket.write('GET /nope HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404'])
})

test('an unexpected error is answered with its message, without a stack, and logged', async () => {
  await using client = await RestClient.start()
  client.herder.onRestartTask = () => Promise.reject(new Error('outer', { cause: new Error('inner') }))
  const answer = await client.call('POST', '/connectors/c/tasks/0/restart')
  assert.deepEqual([answer.status, answer.json], [500, { error_code: 500, message: 'outer: inner' }])
  assert.deepEqual(client.logged, [
    'REST request failed {"method":"POST","path":"/connectors/c/tasks/0/restart","error":"outer: inner"}',
  ])
})

test('an operation that takes too long is answered with 500', async () => {
  await using client = await RestClient.start(20)
  client.herder.onRestartTask = () => new Promise(() => {})
  const answer = await client.call('POST', '/connectors/c/tasks/0/restart')
  assert.equal(answer.status, 500)
  assert.match(answer.text, /Request timed out\./)
})

test('a body that is too large is refused before it is read', async () => {
  await using client = await RestClient.start()
  const raw = JSON.stringify({ name: 'c', config: { long: 'x'.repeat(5_000_000) } })
  // The server may close the connection before the client has written everything; then there is no answer to see.
  const outcome = await client.call('POST', '/connectors', { raw }).then(
    ({ status }) => status,
    (error: NodeJS.ErrnoException) => error.code,
  )
  assert.ok([413, 'EPIPE', 'ECONNRESET'].includes(outcome ?? ''), String(outcome))
  assert.deepEqual((await client.call('GET', '/connectors')).json, [])
  // By what is announced, of which nothing comes; or as soon as too much has come, though the end does not.
  const head = 'POST /connectors HTTP/1.1\r\nHost: w\r\nContent-Type: application/json\r\n'
  assert.match(await firstLine(client.port, `${head}Content-Length: 5000000\r\n\r\n`), / 413 /)
  const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`
  const endless = `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(4)}1\r\n \r\n`
  assert.match(await firstLine(client.port, endless), / 413 /)
})

/** Of the answer to a request that goes no further. */
async function firstLine(port: number, request: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  let text = ''
  try {
    socket.setEncoding('latin1').write(request)
    for await (const data of socket) {
      text += data as string
      if (text.includes('\r\n')) break
    }
  } finally {
    socket.destroy()
  }
  return text.split('\r\n')[0]!
}

test('a packed body is not unpacked, but refused', async () => {
  await using client = await RestClient.start()
  const raw = gzipSync(JSON.stringify({ name: 'c', config: SINK }))
  const answer = await client.call('POST', '/connectors', { raw, headers: { 'content-encoding': 'gzip' } })
  assert.deepEqual(
    [answer.status, answer.json],
    [415, { error_code: 415, message: 'HTTP 415 Unsupported Media Type' }],
  )
  assert.deepEqual((await client.call('GET', '/connectors')).json, [])
  const plain = { raw: gunzipSync(raw), headers: { 'content-encoding': 'identity' } }
  assert.equal((await client.call('POST', '/connectors', plain)).status, 201)
})

test('names of what every object has are names like any other in a body', async () => {
  await using client = await RestClient.start()
  const put = (more: string) =>
    client.call('PUT', '/connectors/c/config', { raw: `{"connector.class":"x.FakeSinkConnector",${more}}` })
  assert.equal((await put('"topics":"t","__proto__":"p","constructor":"c","toString":"s"')).status, 201)
  const { text } = await client.call('GET', '/connectors/c/config')
  for (const part of ['"__proto__":"p"', '"constructor":"c"', '"toString":"s"'])
    assert.ok(text.includes(part), text)
  const nested = await put('"__proto__":{"topics":"t","polluted":"yes"}')
  assert.equal(nested.status, 500)
  assert.match(nested.text, /the value of \\"__proto__\\" must be text/)
  assert.equal(({} as { readonly polluted?: string }).polluted, undefined)
})

test('a body of 300 kB is taken', async () => {
  await using client = await RestClient.start()
  const config = { ...SINK, long: 'x'.repeat(300_000) }
  assert.equal((await client.call('POST', '/connectors', { json: { name: 'c', config } })).status, 201)
})

test('a port that is taken is a clear error', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as { port: number }
  const logger = { level: 'info', debug() {}, info() {}, warn() {}, error() {} }
  const server = new RestServer({ herder: new FakeHerder(), logger })
  await assert.rejects(
    server.listen({ port }),
    (error) =>
      error instanceof ConnectError &&
      error.code === 'rest.port-in-use' &&
      error.message ===
        `Port ${port} on 127.0.0.1 is in use; stop what listens there, or choose another port`,
  )
  await new Promise((resolve) => other.close(resolve))
})

test('a connection may be idle for longer than most clients and proxies keep one', async () => {
  await using client = await RestClient.start()
  const { headers } = await client.call('GET', '/', { headers: { connection: 'keep-alive' } })
  assert.equal(headers['keep-alive'], 'timeout=75')
})

test('closing twice, with an idle connection open, ends', async () => {
  const client = await RestClient.start()
  const socket = connect(client.port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  await Promise.all([client[Symbol.asyncDispose](), client[Symbol.asyncDispose]()])
  socket.destroy()
})
