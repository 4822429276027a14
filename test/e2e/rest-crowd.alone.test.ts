import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from '../properties.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const CONNECTORS = Number(process.env['TAILRACE_TEST_CONNECTORS'] ?? 200)
const CLIENTS = 8
const RUNS = Number(process.env['TAILRACE_TEST_FUZZ_RUNS'] ?? 300)
const MOST_GET_P99_MS = 50

describe('a REST API under many hands', () => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-crowd-'))
  after(() => rmSync(place, { recursive: true, force: true }))
  let worker: WorkerProcess
  before(async () => {
    worker = await startWorker()
  })
  after(() => worker[Symbol.asyncDispose]())

  test(`${CONNECTORS} connectors are created, paused, resumed and deleted by ${CLIENTS} clients at once`, async () => {
    const names = Array.from({ length: CONNECTORS }, (_, i) => `crowd-${String(i).padStart(4, '0')}`)
    const file = join(place, 'sink.txt')
    const configOf = (name: string) => ({ 'connector.class': 'FileStreamSink', topics: `t-${name}`, file })
    const codes: number[] = []
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await worker.rest(method, path, body)
      codes.push(answer.status)
      return answer
    }
    /** Each client takes the next name that nobody has taken. */
    const shared = async (work: (name: string) => Promise<unknown>) => {
      const left = [...names]
      const client = async () => {
        for (let name = left.shift(); name !== undefined; name = left.shift()) await work(name)
      }
      await Promise.all(Array.from({ length: CLIENTS }, client))
    }
    const aloneTimes: number[] = []
    for (let i = 0; i < 100; i++) {
      const started = performance.now()
      await worker.rest('GET', '/connectors')
      aloneTimes.push(performance.now() - started)
    }
    const aloneMs = percentile99(aloneTimes)
    const reading = new AbortController()
    const readTimes: number[] = []
    const read = (async () => {
      while (!reading.signal.aborted) {
        const started = performance.now()
        const { status } = await worker.rest('GET', `/connectors/${names[readTimes.length % CONNECTORS]}`)
        readTimes.push(performance.now() - started)
        assert.ok(status === 200 || status === 404)
      }
    })()
    await shared((name) => call('POST', '/connectors', { name, config: configOf(name) }))
    const { body } = await worker.rest('GET', '/connectors')
    assert.deepEqual(body, names)
    await shared(async (name) => {
      await call('PUT', `/connectors/${name}/pause`)
      await call('PUT', `/connectors/${name}/config`, { ...configOf(name), 'errors.tolerance': 'all' })
      await call('PUT', `/connectors/${name}/resume`)
    })
    const infos = (await worker.rest('GET', '/connectors?expand=info')).body as Record<
      string,
      { info: { config: Record<string, string> } }
    >
    for (const name of names) {
      assert.deepEqual(infos[name]!.info.config, { ...configOf(name), 'errors.tolerance': 'all', name })
    }
    const kept = names.filter((_, i) => i % 10 === 0)
    await shared((name) => (kept.includes(name) ? Promise.resolve() : call('DELETE', `/connectors/${name}`)))
    assert.deepEqual((await worker.rest('GET', '/connectors')).body, kept)
    reading.abort()
    await read
    assert.deepEqual(
      [...new Set(codes)].filter((status) => status >= 400),
      [],
    )
    await waitFor('the connectors that are left to run', async () => {
      const all = (await worker.rest('GET', '/connectors?expand=status')).body as Record<
        string,
        { status: { tasks: { state: string }[] } }
      >
      return Object.values(all).every(({ status }) => status.tasks[0]?.state === 'RUNNING')
    })
    const p99 = percentile99(readTimes)
    // On a machine that others load, too, everybody waits for a turn: ten times what a GET takes there anyway.
    const limit = Math.max(MOST_GET_P99_MS, 10 * aloneMs)
    assert.ok(p99 < limit, `p99 of ${readTimes.length} GETs: ${p99} ms, alone ${aloneMs} ms`)
  })

  test('whatever is sent, the answer is an error that names a code and a message, and the worker lives', async () => {
    const pathPart = fc.oneof(
      fc.constantFrom(
        'connectors',
        'config',
        'status',
        'offsets',
        'tasks',
        '0',
        'restart',
        'topics',
        'admin',
        'loggers',
        'root',
        'connector-plugins',
        'validate',
        'FileStreamSink',
        'health',
        'openapi.json',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }).filter(isWellFormed).map(encodeURIComponent),
      fc.constantFrom('%ff', '%00', '..', '%2e%2e', 'a%2Fb', '%E2%82', 'x'.repeat(10_000)),
    )
    const path = fc.array(pathPart, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`)
    const body = fc.oneof(
      fc.constant(undefined),
      fc.json(),
      fc.string({ unit: 'binary' }).filter(isWellFormed),
      fc.constantFrom(
        '{',
        '[]',
        '{"name":"x","config":null}',
        '{"__proto__":{"a":1}}',
        '['.repeat(5000),
        '{"a":'.repeat(5000),
      ),
      fc
        .record({
          name: fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.constantFrom('a/b', ' ', '\u0000', 'ü'.repeat(10_000), '../x'),
          ),
          config: fc.dictionary(
            fc.oneof(
              fc.constantFrom('connector.class', 'topics', 'tasks.max', 'transforms', 'name'),
              fc.string(),
            ),
            fc.oneof(fc.string(), fc.constantFrom('FileStreamSink', 'Datagen', '-1', '99999999999999999999')),
          ),
        })
        .map((value) => JSON.stringify(value)),
    )
    const headers = fc.dictionary(
      fc.constantFrom(
        'accept',
        'content-type',
        'x-request-timeout',
        'origin',
        'authorization',
        'x-odd',
        'expect',
      ),
      fc.oneof(
        fc.constantFrom(
          'application/json',
          'text/html',
          '*/*;q=0',
          'application/json; charset=latin1',
          '-1',
          '1e99',
          'Basic =',
        ),
        fc.stringMatching(/^[\x21-\x7e]{0,40}$/),
      ),
    )
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')
    await fc.assert(
      fc.asyncProperty(method, path, body, headers, async (method, path, body, given) => {
        const { expect: _, ...headers } = given
        const { status, text } = await send(worker.url, { method, path, body, headers })
        assert.doesNotMatch(text, /^\s+at .*\.ts:\d+/m, 'a stack')
        if (status < 400 || path.startsWith('/health')) return
        const { error_code: code, message, ...others } = JSON.parse(text) as Record<string, unknown>
        assert.deepEqual([code, typeof message, others], [status, 'string', {}])
      }),
      { numRuns: RUNS },
    )
    assert.equal((await worker.rest('GET', '/health/ready')).status, 200)
  })

  test('names with anything in them are kept as they are', async () => {
    for (const name of ['a/b', 'ü ñ 漢字', 'x'.repeat(2000), 'a+b%2F', '?&#']) {
      const config = { 'connector.class': 'FileStreamSink', topics: 't', file: join(place, 'names.txt') }
      const { status, body } = await worker.rest('POST', '/connectors', { name, config })
      assert.deepEqual([status, (body as { name: string }).name], [201, name])
      const path = `/connectors/${encodeURIComponent(name)}`
      assert.equal(((await worker.rest('GET', path)).body as { name: string }).name, name)
      assert.equal((await worker.rest('DELETE', path)).status, 204)
    }
  })
})

function percentile99(times: number[]): number {
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length * 0.99)]!
}

/** Over a connection of its own, with nothing added or taken away. */
function send(
  url: string,
  sent: {
    readonly method: string
    readonly path: string
    readonly body: string | undefined
    readonly headers: Readonly<Record<string, string>>
  },
): Promise<{ readonly status: number; readonly text: string }> {
  const { method, path, body, headers } = sent
  const { hostname, port } = new URL(url)
  const bytes = Buffer.from(method === 'GET' ? '' : (body ?? ''))
  const length = bytes.length === 0 ? {} : { 'content-length': bytes.length }
  const all = { 'content-type': 'application/json', ...headers, ...length }
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers: all, agent: false }, (answer) => {
      answer.setEncoding('utf8')
      let text = ''
      answer.on('data', (chunk: string) => (text += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode!, text }))
    })
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
}

function isWellFormed(text: string): boolean {
  return text.isWellFormed()
}
