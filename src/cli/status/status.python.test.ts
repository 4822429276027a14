import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runCli, startCli } from '../../../test/servers/cli.ts'
import { Terminal } from '../../../test/servers/terminal.ts'
import { startWorker, type WorkerProcess } from '../../../test/servers/worker.ts'
import { waitFor } from '../../../test/wait-for.ts'
import type { ConnectorReport } from './connector-report.ts'

const HOSTILE = 'no \u001B[2J\u001B]0;owned\u0007 json'

describe('tailrace status and connectors watch', () => {
  let worker: WorkerProcess
  let place: string
  let env: { readonly TAILRACE_URL: string }
  const source = () => join(place, 'source.txt')
  const untilFailed = () =>
    waitFor('the sink to fail', async () => (await worker.states('bad-sink')).tasks[0] === 'FAILED')
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'tailrace-status-'))
    worker = await startWorker()
    env = { TAILRACE_URL: worker.url }
    await writeFile(source(), '')
  })
  after(async () => {
    await worker?.[Symbol.asyncDispose]()
    await rm(place, { recursive: true, force: true })
  })

  test('a worker without connectors is well', async () => {
    const { status, stdout, stderr } = await runCli(['status'], { env })
    assert.deepEqual([status, stdout, stderr], [0, 'No connectors\n', ''])
  })

  test('status says states, rates and lags of all connectors, or of those that are named', async () => {
    const text = 'org.apache.kafka.connect.storage.StringConverter'
    await worker.create('lines', {
      'connector.class': 'FileStreamSource',
      file: source(),
      topic: 'lines',
      'value.converter': text,
    })
    const sink = { 'connector.class': 'FileStreamSink', file: join(place, 'sink.txt'), topics: 'lines' }
    await worker.create('good-sink', { ...sink, 'value.converter': text })
    await appendFile(source(), 'one\ntwo\n')
    await waitFor('two records', async () => (await worker.records('lines')) === 2)
    await waitFor('the sink to have them', async () => {
      const { stdout } = await runCli(['status', 'good-sink', '--json'], { env })
      const { connectors } = JSON.parse(stdout) as { connectors: ConnectorReport[] }
      assert.deepEqual(
        connectors.map(({ name }) => name),
        ['good-sink'],
      )
      const { lag_records: lag, records_per_second: rate, records_written: written } = connectors[0]!
      return lag === 0 && rate !== null && written === 2
    })
    const { status, stdout, stderr } = await runCli(['status'], { env })
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^CONNECTOR +TYPE +STATE +TASKS +RECORDS\/S +LAG +BEHIND +WAL KEPT +FAILURES\n/)
    assert.match(stdout, /^good-sink +sink +RUNNING +1\/1 +0 +0 +0 ms +- +0$/m)
    assert.match(stdout, /^lines +source +RUNNING +1\/1 +0 +- +- +- +0$/m)
  })

  test('what failed comes first, with its error as text that does nothing; the exit status is 1', async () => {
    await worker.rest('POST', '/topics/lines/records', { records: [{ value: HOSTILE }] })
    await worker.create('bad-sink', {
      'connector.class': 'FileStreamSink',
      file: join(place, 'bad.txt'),
      topics: 'lines',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'errors.retry.timeout': '0',
    })
    await untilFailed()
    const { status, stdout } = await runCli(['status'], { env })
    assert.equal(status, 1)
    assert.match(stdout, /^bad-sink +sink +FAILED +0\/1 .*\n {4}task 0 failed: [^\n]+\n.*^good-sink/ms)
    assert.doesNotMatch(JSON.stringify(stdout), /\\[^n"]/)
  })

  for (const [what, args, line] of [
    ['a worker that is not there', ['status', '--url', 'http://127.0.0.1:1'], /No worker answers at http/],
    ['a connector that is not there', ['status', 'nobody'], /Connector nobody not found/],
  ] as const) {
    test(`${what} is one clear line and exit status 2 of status, 1 of watch`, async () => {
      const { status, stdout, stderr } = await runCli(args, { env })
      assert.deepEqual([status, stdout], [2, ''])
      assert.match(stderr, line)
      assert.match(stderr, /^tailrace: [^\n]+\n$/)
      const watch = await runCli(['connectors', 'watch', ...args.slice(1)], { env })
      assert.deepEqual([watch.status, watch.stdout, watch.stderr], [1, '', stderr])
    })
  }

  test('watch writes a line for what changes where nobody looks, and ends with Ctrl-C', async () => {
    await using watch = startCli(['connectors', 'watch', 'lines'], { env })
    await waitFor('the first line', () => /\tlines\tsource\tRUNNING\ttasks: RUNNING/.test(watch.stdout))
    await worker.rest('PUT', '/connectors/lines/pause')
    await waitFor('the change', () => /\tlines\tsource\tPAUSED\ttasks: PAUSED/.test(watch.stdout))
    await worker.rest('PUT', '/connectors/lines/resume')
    await waitFor('the other', () => /PAUSED[^]*\tRUNNING\ttasks: RUNNING/.test(watch.stdout))
    assert.doesNotMatch(JSON.stringify(watch.stdout), /\\u|sink/)
    watch.kill('SIGINT')
    assert.deepEqual([await watch.ended(), watch.stderr], [0, ''])
  })

  test('watch fills a terminal, follows its size, survives a restart of the worker, and leaves no trace', async () => {
    using terminal = new Terminal(['connectors', 'watch'], env)
    await terminal.until(/1 need attention/)
    await terminal.until(/␛\[31mFAILED *␛\[39m/)
    assert.ok(terminal.output.includes('␛[?1049h␛[?25l␛[?7l'))
    assert.doesNotMatch(terminal.output, /␛\[2J|]0;owned/)
    let from = terminal.output.length
    terminal.resize(4, 60)
    await terminal.until(/… \d more lines/, from)
    from = terminal.output.length
    terminal.resize(30, 100)
    await terminal.until(/good-sink/, from)
    from = terminal.output.length
    await worker.terminate()
    await terminal.until(/trying again/, from)
    from = terminal.output.length
    await worker.start()
    await terminal.until(/good-sink[^]*RUNNING/, from)
    terminal.type('\u0003')
    assert.equal(await terminal.ended(), 0)
    assert.match(terminal.output, /␛\[\?7h␛\[\?25h␛\[\?1049l$/)
  })

  test('NO_COLOR takes the colours away', async () => {
    // The worker was started again.
    await untilFailed()
    using terminal = new Terminal(['status'], { ...env, NO_COLOR: '1' })
    assert.equal(await terminal.ended(), 1)
    assert.match(terminal.output, /FAILED/)
    assert.doesNotMatch(terminal.output, /␛/)
  })
})
