import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { RestClient } from '../../../src/rest/testing/rest-client.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const SINK = '{"name":"c","config":{"connector.class":"FakeSinkConnector","topics":"t"}}'
const NO_METHOD = /^[^A-Za-z]*$/

/** A line of method and path, then a body. Every request gets an answer, and nothing surprises the worker. */
export async function open(): Promise<FuzzTarget> {
  const client = await RestClient.start(5000)
  let connection = await Connection.open(client.port)
  return {
    seeds: [
      `POST /connectors\n${SINK}`,
      'PUT /connectors/c/config\n{"connector.class":"FakeSinkConnector","topics":"t"}',
      'PATCH /connectors/c/config\n{"topics":"u","x":null}',
      'PUT /connector-plugins/FakeSinkConnector/config/validate\n{"connector.class":"FakeSinkConnector"}',
      'PATCH /connectors/c/offsets\n{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":0},"offset":{"kafka_offset":5}}]}',
      'GET /connectors?expand=status&expand=info\n',
      'GET /connectors/c/tasks/0/status\n',
      'POST /connectors/c/restart?includeTasks=true&onlyFailed=false\n',
      'GET /topics/t/records?offset=5&limit=2\n',
      'PUT /admin/loggers/root?scope=cluster\n{"level":"DEBUG"}',
      'POST /connectors/c/verification\n{"repair":true}',
      'GET /docs/%2e%2e/%2e%2e/package.json\n',
      'GET /console/assets/..%2f..%2fmain.js\n',
    ].map((text) => Buffer.from(text)),
    words: [
      '/',
      '%2F',
      '%00',
      '%',
      '..',
      '?',
      '&',
      '=',
      '"',
      '{',
      '}',
      '[',
      'null',
      '-1',
      '1e999',
      '__proto__',
      '\\u0000',
    ],
    async run(input) {
      const text = input.toString('latin1')
      const line = text.indexOf('\n')
      const [method = '', ...rest] = (line < 0 ? text : text.slice(0, line)).split(' ')
      const path = `/${rest.join('').replaceAll(/[^!-~]/g, '')}`.replace(/^\/+/, '/')
      // What is no token is the HTTP parser's business; CONNECT and Upgrade end the conversation.
      const verb = NO_METHOD.test(method) ? 'GET' : method.replaceAll(/[^A-Za-z]/g, '').toUpperCase()
      // Streams of events end only when somebody hangs up.
      if (verb === 'CONNECT' || /^\/+events/.test(path)) return
      const body = line < 0 ? Buffer.alloc(0) : Buffer.from(text.slice(line + 1), 'latin1')
      if (connection.isClosed) connection = await Connection.open(client.port)
      const status = await connection.ask(verb, path, body)
      assert.ok(status >= 200, `${verb} ${path} answers ${status}`)
      // Bad bodies are answered with 500, as the reference does; what the server did not foresee it logs.
      assert.deepEqual(client.logged, [], `${verb} ${path}`)
    },
    async close() {
      connection.close()
      await client[Symbol.asyncDispose]()
    },
  }
}

/** Bytes as they are: no client that refuses to send what it finds odd. */
class Connection {
  readonly #socket: Socket
  #received = ''
  #answer: PromiseWithResolvers<number> | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      this.#look()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#look()
      this.#answer?.reject(new Error(`The connection was closed after ${JSON.stringify(this.#received)}`))
    })
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket)
  }

  get isClosed(): boolean {
    return this.#socket.destroyed || !this.#socket.writable
  }

  ask(method: string, path: string, body: Buffer): Promise<number> {
    this.#received = ''
    this.#answer = Promise.withResolvers()
    const head = `${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    this.#socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]))
    return this.#answer.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #look(): void {
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#received.slice(0, end)
    const status = Number(head.split(' ')[1])
    const length = /^content-length: (\d+)/im.exec(head)
    const isWhole =
      status === 204 ||
      status === 304 ||
      (length !== null && this.#received.length >= end + 4 + Number(length[1])) ||
      (/^transfer-encoding: chunked/im.test(head) && this.#received.endsWith('0\r\n\r\n')) ||
      this.#socket.destroyed
    if (!isWhole) return
    if (/^connection: close/im.test(head)) this.#socket.destroy()
    this.#answer?.resolve(status)
    this.#answer = null
  }
}
