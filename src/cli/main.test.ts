import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runCli } from '../../test/servers/cli.ts'
import { startWorker, type WorkerProcess } from '../../test/servers/worker.ts'

describe('the command line', () => {
  let worker: WorkerProcess
  let place: string
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'tailrace-cli-'))
    worker = await startWorker()
  })
  after(async () => {
    await worker?.[Symbol.asyncDispose]()
    await rm(place, { recursive: true, force: true })
  })

  for (const command of [
    '',
    'worker',
    'topics',
    'topics list',
    'topics describe',
    'consume',
    'produce',
    'connectors',
    'connectors list',
    'connectors status',
    'connectors watch',
    'connectors create',
    'connectors delete',
    'status',
    'completion',
    'doctor',
    'mirror',
    'mirror status',
    'mirror stop',
    'mirror remove',
    'demo',
  ]) {
    test(`tailrace ${command} --help explains itself`, async () => {
      const { status, stdout, stderr } = await runCli([...command.split(' ').filter(Boolean), '--help'])
      assert.deepEqual([status, stderr], [0, ''])
      assert.match(stdout, new RegExp(`^Usage: tailrace ?${command}`))
    })
  }

  test('--version is that of the package', async () => {
    const { stdout } = await runCli(['--version'])
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  })

  const errors: readonly (readonly [what: string, args: readonly string[], line: RegExp])[] = [
    ['an unknown command', ['frobnicate'], /unknown command 'frobnicate'/],
    ['an unknown option', ['worker', '--frobnicate'], /unknown option '--frobnicate'/],
    ['a port that is no number', ['worker', '--port', 'x'], /--port.*'x' is invalid.*0 to 65535/],
    [
      'a worker that does not answer',
      ['topics', 'list', '--url', 'http://127.0.0.1:1'],
      /No worker answers at http:\/\/127\.0\.0\.1:1/,
    ],
    [
      'a properties file that is not there',
      ['worker', 'nowhere.properties'],
      /nowhere\.properties cannot be read.*ENOENT/,
    ],
    [
      'a connector file that is not there',
      ['connectors', 'create', 'nowhere.json'],
      /nowhere\.json: it cannot be read/,
    ],
    ['a connector file that is no JSON', ['connectors', 'create', 'README.md'], /README\.md: it is not JSON/],
    [
      'a connector file without a name',
      ['connectors', 'create', 'tsconfig.json'],
      /tsconfig\.json: it must hold/,
    ],
    [
      'a connector that is not there',
      ['connectors', 'status', 'nobody'],
      /No status found for connector nobody/,
    ],
    ['a connector that cannot be deleted', ['connectors', 'delete', 'nobody'], /Connector nobody not found/],
    ['a topic that is not there', ['topics', 'describe', 'nothing'], /There is no topic nothing/],
  ]
  for (const [what, args, line] of errors) {
    test(`${what} is one clear line and exit status 1`, async () => {
      const { status, stdout, stderr } = await runCli(args, { env: { TAILRACE_URL: worker.url } })
      assert.deepEqual([status, stdout], [1, ''])
      assert.match(stderr, line)
      assert.match(stderr, /^[^\n]+\n$/)
    })
  }

  test('a refused connector is one line, too, however many problems it has', async () => {
    const file = join(place, 'connector.json')
    await writeFile(
      file,
      JSON.stringify({
        name: 'x',
        config: { 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector' },
      }),
    )
    const { status, stderr } = await runCli(['connectors', 'create', file, '--url', worker.url])
    assert.equal(status, 1)
    assert.match(stderr, /^tailrace: Connector configuration is invalid .*database\.hostname[^\n]*\n$/)
  })

  test('a worker whose converter is not there is refused in one line', async () => {
    const file = join(place, 'converter.properties')
    await writeFile(file, 'key.converter=no.Such\nvalue.converter=no.Other\n')
    const { status, stderr } = await runCli(['worker', file, '--data-dir', join(place, 'refused')])
    assert.equal(status, 1)
    assert.match(stderr, /^tailrace: .*Class no\.Such could not be found[^\n]*; .*no\.Other[^\n]*\n$/)
  })

  test('worker properties without a meaning are named in the log, and no more', async () => {
    const file = join(place, 'misspelt.properties')
    await writeFile(file, 'offset.flush.intervl.ms=1\n')
    await using misspelt = await startWorker({ args: [file] })
    assert.match(misspelt.output, /"properties":\["offset\.flush\.intervl\.ms"\]/)
  })

  test('a log level that is none is refused in one line', async () => {
    const { status, stderr } = await runCli(['worker', '--data-dir', join(place, 'refused')], {
      env: { TAILRACE_LOG_LEVEL: 'loud' },
    })
    assert.equal(status, 1)
    assert.match(stderr, /^tailrace: TAILRACE_LOG_LEVEL is loud; it must be one of .*info[^\n]*\n$/)
  })

  test('a demo that cannot keep its data says where, in one line', async () => {
    await writeFile(join(place, '.tailrace'), 'a file')
    const { status, stdout, stderr } = await runCli(['demo', '--once'], { cwd: place })
    assert.deepEqual([status, stdout], [1, ''])
    assert.match(stderr, /^tailrace: Cannot write to [^\n]*\.tailrace, where the demo[^\n]*\n$/)
  })

  test('a port that is taken ends the worker with one line', async () => {
    const args = ['worker', '--port', new URL(worker.url).port, '--data-dir', join(place, 'other')]
    const { status, stderr } = await runCli(args, { env: { TAILRACE_LOG_LEVEL: 'fatal' } })
    assert.equal(status, 1)
    assert.match(stderr, /^tailrace: Port \d+ on .* is in use[^\n]*\n$/)
  })

  test('a data directory that another worker has ends the worker with one line', async () => {
    const args = ['worker', '--port', '0', '--data-dir', worker.dataDir]
    const { status, stderr } = await runCli(args, { env: { TAILRACE_LOG_LEVEL: 'fatal' } })
    assert.equal(status, 1)
    assert.match(stderr, /^tailrace: .*(open|use)[^\n]*\n$/)
  })

  test('consume of an unknown topic prints nothing but a note, and is no error', async () => {
    const { status, stdout, stderr } = await runCli([
      'consume',
      'nothing',
      '--from-beginning',
      '--url',
      worker.url,
    ])
    assert.deepEqual([status, stdout], [0, ''])
    assert.equal(stderr, 'There is no topic nothing\n')
  })

  test('connectors list and topics list are empty at first', async () => {
    for (const what of ['connectors', 'topics']) {
      const { status, stdout, stderr } = await runCli([what, 'list', '--url', worker.url])
      assert.deepEqual([status, stdout, stderr], [0, '', ''])
    }
  })

  test('a worker takes its properties from a file and the environment', async () => {
    const file = join(place, 'worker.properties')
    await writeFile(file, 'group.id=1\nrest.advertised.host.name=from-file\n')
    await using configured = await startWorker({
      args: [file],
      env: { CONNECT_LISTENERS: 'http://127.0.0.1:1' },
    })
    assert.match(
      configured.output,
      /answers at http:\/\/127\.0\.0\.1:\d+ \(to this machine only\), keeps its data in /,
    )
  })

  test('a worker ends with status 0 when it is told to stop', async () => {
    const data = ['--port', '0', '--data-dir', join(place, 'stopped')]
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        fileURLToPath(new URL('main.ts', import.meta.url)),
        'worker',
        ...data,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const exited = once(child, 'exit')
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
    assert.match(line, /^tailrace [^\n]+ answers at [^\n]+\n$/)
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
  })
})
