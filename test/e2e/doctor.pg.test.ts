import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runCli } from '../servers/cli.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { startWorker } from '../servers/worker.ts'
import { startSearch, type SearchServer } from '../servers/search.ts'

describe('tailrace doctor', () => {
  let postgres: PostgresServer
  let search: SearchServer
  let place: string
  before(async () => {
    postgres = await startPostgres()
    search = await startSearch()
    place = await mkdtemp(join(tmpdir(), 'tailrace-doctor-'))
    await postgres.query('create table orders (id int primary key)')
  })
  after(async () => {
    await search?.stop()
    await postgres?.stop()
    await rm(place, { recursive: true, force: true })
  })

  test('has a line for each thing it looked at, and ends with 0 where nothing fails', async () => {
    const servers = ['--postgres', postgres.url(), '--tables', 'orders', '--elasticsearch', search.url]
    const { status, stdout, stderr } = await runCli(['doctor', ...servers, '--data-dir', place])
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^postgres-source\n {2}OK {4}connection: postgres can log in/)
    assert.match(
      stdout,
      /\n {2}WARN {2}max_slot_wal_keep_size: .*\n {8}ALTER SYSTEM SET max_slot_wal_keep_size/,
    )
    assert.match(stdout, /\npostgres-sink\n {2}OK {4}connection: .* answers\n/)
    assert.match(stdout, /\ndata\.dir\n {2}OK {4}data directory: .* can be written/)
    assert.match(stdout, / {2}(OK {2}|WARN) {2}disk speed: .* ms \(median of 20\)/)
  })

  test('takes connector files, answers JSON, and ends with 1 where something fails', async () => {
    const file = join(place, 'source.json')
    const config = {
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'database.hostname': postgres.host,
      'database.port': String(postgres.port),
      'database.user': 'postgres',
      'database.password': 'wrong',
      'database.dbname': 'postgres',
      'topic.prefix': 'p',
    }
    await writeFile(file, JSON.stringify({ name: 'mine', config }))
    const { status, stdout } = await runCli(['doctor', file, '--json'])
    assert.equal(status, 1)
    const [examined] = JSON.parse(stdout) as {
      what: string
      findings: { check: string; level: string; remedy: { where: string } }[]
    }[]
    assert.equal(examined!.what, 'mine')
    assert.deepEqual(
      examined!.findings.map(({ check, level }) => [check, level]),
      [['connection', 'FAIL']],
    )
    assert.doesNotMatch(stdout, /wrong/)
  })

  test('an option that cannot be parsed is a finding; nothing to look at is an error', async () => {
    const file = join(place, 'broken.json')
    await writeFile(
      file,
      JSON.stringify({
        name: 'broken',
        config: { 'connector.class': 'ElasticsearchSinkConnector', topics: 't' },
      }),
    )
    const { status, stdout } = await runCli(['doctor', file])
    assert.equal(status, 1)
    assert.match(stdout, /FAIL {2}configuration: .*connection\.url/)
    const nothing = await runCli(['doctor'])
    assert.equal(nothing.status, 1)
    assert.match(nothing.stderr, /There is nothing to look at/)
  })

  test('names a data directory that cannot be one', async () => {
    const file = join(place, 'a-file')
    await writeFile(file, '')
    const { status, stdout } = await runCli(['doctor', '--data-dir', join(file, 'below')])
    assert.equal(status, 1)
    assert.match(stdout, /FAIL {2}data directory: .* cannot be written/)
  })

  test('a worker finds the same before connectors are created, and tells no secret', async () => {
    const secrets = join(place, 'secrets.properties')
    await writeFile(secrets, 'role=nobody-like-that\n')
    await using worker = await startWorker({
      env: {
        CONNECT_CONFIG_PROVIDERS: 'file',
        CONNECT_CONFIG_PROVIDERS_FILE_CLASS: 'org.apache.kafka.common.config.provider.FileConfigProvider',
      },
    })
    const source = {
      'connector.class': 'PostgresConnector',
      'database.hostname': postgres.host,
      'database.port': String(postgres.port),
      'database.user': 'postgres',
      'database.password': postgres.password,
      'database.dbname': 'postgres',
      'topic.prefix': 'p',
      'table.include.list': 'public.orders',
    }
    const sink = {
      'connector.class': 'ElasticsearchSinkConnector',
      'connection.url': search.url,
      topics: 'p.public.orders',
    }
    const files = [join(place, 'a.json'), join(place, 'b.json')]
    const connectors = [
      { name: 'index', config: sink },
      { name: 'source', config: source },
    ]
    for (const [i, file] of files.entries()) await writeFile(file, JSON.stringify(connectors[i]))
    const { body } = await worker.rest('PUT', '/connector-plugins/preflight', { connectors })
    const answered = (body as { connectors: { name: string; findings: Found[] }[] }).connectors
    const { stdout } = await runCli(['doctor', ...files, '--json'])
    const said = JSON.parse(stdout) as { what: string; findings: Found[] }[]
    const shape = (findings: readonly Found[]) => findings.map(({ check, level }) => `${level} ${check}`)
    assert.deepEqual(
      answered.map(({ name, findings }) => [name, shape(findings)]),
      said.map(({ what, findings }) => [what, shape(findings)]),
    )
    assert.deepEqual(
      answered.map(({ name }) => name),
      ['source', 'index'],
    )
    const wal = answered[0]!.findings.find(({ check }) => check === 'max_slot_wal_keep_size')
    assert.equal(wal?.level, 'WARN')
    assert.deepEqual([wal.remedy?.where, wal.remedy?.then_restart], ['sql', false])
    assert.deepEqual(await worker.rest('GET', '/connectors'), { status: 200, body: [] })

    const wrong = { ...source, 'database.user': `\${file:${secrets}:role}`, 'database.password': 'wrong' }
    const refused = await worker.rest('PUT', '/connector-plugins/preflight', {
      connectors: [{ name: 'source', config: wrong }],
    })
    assert.match(JSON.stringify(refused.body), /"check":"connection","level":"FAIL"/)
    assert.doesNotMatch(JSON.stringify(refused.body), /nobody-like-that|"wrong"/)
    const unknown = await worker.rest('PUT', '/connector-plugins/preflight', {
      connectors: [{ name: 'x', config: { 'connector.class': 'NoSuch' } }],
    })
    assert.match(JSON.stringify(unknown.body), /NoSuch/)
    for (const bad of [
      {},
      { connectors: [] },
      { connectors: [{ config: 5 }] },
      { connectors: [{ nme: 'x' }] },
    ])
      assert.ok((await worker.rest('PUT', '/connector-plugins/preflight', bad)).status >= 400)
  })
})

interface Found {
  readonly check: string
  readonly level: string
  readonly remedy?: { readonly where: string; readonly then_restart: boolean }
}
