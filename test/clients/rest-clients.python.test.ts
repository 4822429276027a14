import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL, fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { npmClientHome, pythonTools } from '../servers/foreign-tools.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const run = promisify(execFile)

/** As much of `kafka-connect-client` as this test calls. */
interface ForeignClient {
  createConnector(name: string, config: Record<string, string>): Promise<Answer>
  validateConnectorConfig(plugin: string, config: Record<string, string>): Promise<Answer>
  getConnectors(options?: { expand: string[] }): Promise<Answer>
  getConnectorPlugins(): Promise<Answer>
  connector(name: string): Record<string, (...args: unknown[]) => Promise<Answer>>
}
interface Answer {
  readonly status: number
  readonly data: unknown
}

describe('clients that others wrote', () => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-clients-'))
  after(() => rmSync(place, { recursive: true, force: true }))
  let worker: WorkerProcess
  before(async () => {
    worker = await startWorker()
  })
  after(() => worker[Symbol.asyncDispose]())

  test('kafka-connect-py drives a connector through its life', async () => {
    const script = fileURLToPath(new URL('kafka_connect_py.py', import.meta.url))
    const python = join(pythonTools(), 'python')
    const { stdout } = await run(python, [script, worker.url, join(place, 'py.txt')])
    assert.match(stdout, /done/)
  })

  test('kafka-connect-client drives a connector through its life', async () => {
    const resolved = createRequire(join(npmClientHome(), 'x.js')).resolve('kafka-connect-client')
    const imported = (await import(pathToFileURL(resolved).href)) as Record<string, unknown>
    const exported = (imported['default'] ?? imported) as Record<string, unknown>
    const Client = exported['KafkaConnectClient'] as new (options: object) => ForeignClient
    const client = new Client({ protocol: 'http', host: '127.0.0.1', port: new URL(worker.url).port })
    const config = {
      'connector.class': 'tailrace.DatagenSourceConnector',
      'kafka.topic': 'js-topic',
      'records.per.second': '100',
    }
    const { data } = await client.validateConnectorConfig('DatagenSource', { ...config, name: 'js' })
    assert.equal((data as { error_count: number }).error_count, 0)
    assert.equal((await client.createConnector('js', config)).status, 201)
    assert.deepEqual((await client.getConnectors()).data, ['js'])
    assert.ok((await client.getConnectorPlugins()).data)
    const connector = client.connector('js')
    const call = (name: string, ...args: unknown[]) => connector[name]!(...args)
    const reaches = (states: string) =>
      waitFor(states, async () => {
        const status = (await call('getStatus')).data as {
          connector: { state: string }
          tasks: { state: string }[]
        }
        return [status.connector, ...status.tasks].map(({ state }) => state).join(' ') === states
      })
    await reaches('RUNNING RUNNING')
    assert.equal((await call('pause')).status, 202)
    await reaches('PAUSED PAUSED')
    assert.equal((await call('resume')).status, 202)
    await reaches('RUNNING RUNNING')
    assert.ok((await call('restart', { includeTasks: true, onlyFailed: false })).status < 300)
    await reaches('RUNNING RUNNING')
    assert.equal((await call('restartTask', 0)).status, 204)
    await waitFor('offsets', async () =>
      JSON.stringify((await call('getOffsets')).data).includes('iteration'),
    )
    assert.equal((await call('stop')).status, 204)
    await reaches('STOPPED')
    const partition = { 'task.id': 0 }
    assert.equal((await call('alterOffsets', [{ partition, offset: { iteration: 7 } }])).status, 200)
    assert.deepEqual((await call('getOffsets')).data, { offsets: [{ partition, offset: { iteration: 7 } }] })
    assert.equal((await call('resetOffsets')).status, 200)
    assert.equal((await call('delete')).status, 204)
    assert.deepEqual((await client.getConnectors()).data, [])
  })

  test('schemathesis finds no server error and no broken schema', async () => {
    await worker.create('st-source', {
      'connector.class': 'tailrace.DatagenSourceConnector',
      'kafka.topic': 'st-topic',
      'records.per.second': '20',
    })
    await worker.create('st-sink', {
      'connector.class': 'FileStreamSink',
      topics: 'st-topic',
      file: join(place, 'sink.txt'),
    })
    // A small dose; TAILRACE_TEST_EXAMPLES=100 is a large one.
    const examples = process.env['TAILRACE_TEST_EXAMPLES']
    for (const connector of examples === undefined ? ['st-sink'] : ['st-source', 'st-sink']) {
      // Names of what is there: others get no further than 404.
      const parameters = {
        connector,
        plugin: 'FileStreamSource',
        logger: 'root',
        topic: 'st-topic',
        task: '0',
      }
      const lines = Object.entries(parameters).map(([name, value]) => `"path.${name}" = "${value}"`)
      const config = join(place, 'schemathesis.toml')
      writeFileSync(config, `[parameters]\n${lines.join('\n')}\n`)
      const checks =
        'not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance'
      const options = [
        '--mode',
        'positive',
        '--phases',
        'coverage,fuzzing',
        '-n',
        examples ?? '3',
        '--no-color',
      ]
      // A connector or topic that is deleted would leave the others nothing to be tried on.
      options.push('--checks', checks, '--seed', '1', '--exclude-method', 'DELETE')
      const { stdout } = await run(
        join(pythonTools(), 'st'),
        ['--config-file', config, 'run', `${worker.url}/openapi.json`, ...options],
        { cwd: place, maxBuffer: 64 * 1024 * 1024 },
      ).catch((error: { stdout?: string }) => {
        throw new Error(error.stdout ?? 'schemathesis could not be run', { cause: error })
      })
      assert.match(stdout, /Fuzzing[^]*passed/)
      assert.doesNotMatch(stdout, /❌/)
    }
    assert.equal((await worker.rest('GET', '/health')).status, 200)
  })
})
