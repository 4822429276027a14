import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { runCli } from '../servers/cli.ts'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { CreatedPlugin } from './created-plugin.ts'

const place = mkdtempSync(join(tmpdir(), 'tailrace-plugins-'))
after(() => rmSync(place, { recursive: true, force: true }))

test('created plugins type check, pass their tests, and run in a worker, each from its source', async () => {
  const [source, sink, transformation] = await Promise.all([
    CreatedPlugin.create('my-clock', 'source'),
    CreatedPlugin.create('tailrace-connector-webhook', 'sink'),
    CreatedPlugin.create('shout', 'transformation'),
  ])
  for (const plugin of [source, sink, transformation]) {
    after(() => rmSync(join(plugin.directory, '..'), { recursive: true, force: true }))
    await plugin.check()
    assert.match(await plugin.test(), /pass [34]\n.*fail 0/)
  }
  await sink.build()

  const received: { number: number; text: string }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push(...(JSON.parse(body) as typeof received))
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())

  const broken = join(place, 'broken.ts')
  writeFileSync(broken, "throw new Error('this one does not load')\n")
  const properties = join(place, 'worker.properties')
  const plugins = [
    join(source.directory, 'src/plugin.ts'),
    join(sink.directory, 'dist/plugin.js'),
    join(transformation.directory, 'src/plugin.ts'),
  ]
  writeFileSync(properties, `plugins=${broken},${plugins.join(',')},no-such-package\n`)
  await using worker = await startWorker({ args: [properties] })
  await worker.hasWritten(/this one does not load/)
  await worker.hasWritten(/Plugin no-such-package \(option plugins\) was not found/)
  const { body } = await worker.rest('GET', '/connector-plugins?connectorsOnly=false')
  for (const [name, type] of [
    ['MyClockSourceConnector', 'source'],
    ['WebhookSinkConnector', 'sink'],
    ['ShoutTransformation', 'transformation'],
  ]) {
    const found = (body as { class: string }[]).find((plugin) => plugin.class === name)
    assert.deepEqual(found, { class: name, type, version: '0.1.0' })
  }
  await worker.create('clock', {
    'connector.class': 'MyClockSource',
    topic: 'ticks',
    'interval.ms': '5',
    transforms: 'shout',
    'transforms.shout.type': 'ShoutTransformation',
    'transforms.shout.field': 'text',
  })
  await worker.create('hook', {
    'connector.class': 'WebhookSinkConnector',
    topics: 'ticks',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  })
  await waitFor('ticks at the web server', async () => received.length >= 3)
  assert.deepEqual(received.slice(0, 3), [
    { number: 0, text: 'TICK 0' },
    { number: 1, text: 'TICK 1' },
    { number: 2, text: 'TICK 2' },
  ])
})

test('a package that is installed beside the worker is found by its name', async () => {
  const home = join(place, 'home')
  const modules = join(home, 'node_modules')
  const write = (name: string, exports: unknown, file: string, code: string) => {
    mkdirSync(join(modules, name), { recursive: true })
    writeFileSync(join(modules, name, 'package.json'), JSON.stringify({ name, type: 'module', exports }))
    writeFileSync(join(modules, name, file), code)
  }
  const plugin = (className: string) => `
    import { ConfigDef } from 'tailrace/api'
    export const plugins = [{
      type: 'predicate', className: '${className}', version: '3.1', configDef: new ConfigDef({}),
      create: () => ({ test: () => true }),
    }]`
  write('only-import', { '.': { import: './p.js' } }, 'p.js', plugin('OnlyImport'))
  write('@scope/plain', './q.js', 'q.js', plugin('Plain'))
  write(
    'wrong',
    './r.js',
    'r.js',
    "export const plugins = [{ type: 'predicate', className: 'W', version: '1' }]",
  )
  write('twice', './s.js', 's.js', plugin('org.apache.kafka.connect.transforms.predicates.HasHeaderKey'))
  const names = 'only-import,@scope/plain,wrong,twice'
  await using worker = await startWorker({ cwd: home, env: { CONNECT_PLUGINS: names } })
  const { body } = await worker.rest('GET', '/connector-plugins?connectorsOnly=false')
  const own = (body as { class: string; version: string }[]).filter(({ version }) => version === '3.1')
  assert.deepEqual(
    own.map((info) => info.class),
    ['OnlyImport', 'Plain'],
  )
  await worker.hasWritten(/Plugin wrong: W has no configDef/)
  await worker.hasWritten(/A plugin has the name of another and is left out/)
})

test('create-plugin refuses what it would overwrite, and names that no package can have', async () => {
  mkdirSync(join(place, 'taken'))
  writeFileSync(join(place, 'taken', 'a'), 'mine')
  const taken = await runCli(['create-plugin', 'taken'], { cwd: place })
  assert.deepEqual([taken.status, readFileSync(join(place, 'taken', 'a'), 'utf8')], [1, 'mine'])
  assert.match(taken.stderr, /is there already/)
  const odd = await runCli(['create-plugin', 'Ünder Score'], { cwd: place })
  assert.equal(odd.status, 1)
  assert.match(odd.stderr, /cannot be the name of a package/)
  const kind = await runCli(['create-plugin', 'x', '--kind', 'teapot'], { cwd: place })
  assert.match(kind.stderr, /Allowed choices are source, sink, transformation/)
})
