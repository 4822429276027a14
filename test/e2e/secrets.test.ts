import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { canaryPassword } from '../servers/canary.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const CANARY = canaryPassword('given')
const CONNECTORS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    'PostgresConnector',
    {
      'database.hostname': '127.0.0.1',
      'database.port': '1',
      'database.user': 'u',
      'database.dbname': 'd',
      'topic.prefix': 'p',
    },
  ],
  [
    'ElasticsearchSinkConnector',
    { topics: 't', 'connection.url': 'http://127.0.0.1:1', 'connection.username': 'u' },
  ],
]

interface Definition {
  readonly name: string
  readonly type: string
}

describe('secrets', () => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-secrets-'))
  after(() => rmSync(place, { recursive: true, force: true }))
  const file = join(place, 'secrets.properties')
  writeFileSync(
    file,
    `password=${CANARY}\nplace=${join(place, CANARY, 'out.txt')}\npattern='${CANARY}'yyyy\n`,
  )
  let worker: WorkerProcess
  before(async () => {
    const env = {
      CONNECT_CONFIG_PROVIDERS: 'file',
      CONNECT_CONFIG_PROVIDERS_FILE_CLASS: 'org.apache.kafka.common.config.provider.FileConfigProvider',
    }
    worker = await startWorker({ env })
  })
  after(() => worker[Symbol.asyncDispose]())

  for (const [name, base] of CONNECTORS) {
    for (const [way, secret] of [
      ['as they are', CANARY],
      ['by a config provider', `\${file:${file}:password}`],
    ] as const) {
      test(`passwords of ${name}, given ${way}, are in no answer to validate and create`, async () => {
        const passwords = await passwordOptions(name)
        assert.ok(passwords.length > 0)
        const given = Object.fromEntries(passwords.map((option) => [option, secret]))
        const config = { ...base, ...given, 'connector.class': name }
        const path = `/connector-plugins/${name}/config/validate`
        const { status, body } = await worker.rest('PUT', path, { ...config, name: 'c' })
        assert.equal(status, 200)
        assert.doesNotMatch(JSON.stringify(body), new RegExp(CANARY))
        const refused = await worker.rest('POST', '/connectors', { name: 'c', config })
        assert.doesNotMatch(
          JSON.stringify(refused.body),
          refused.status === 400 ? new RegExp(CANARY) : /never/,
        )
        if (refused.status === 201) await worker.rest('DELETE', '/connectors/c')
        const { 'connector.class': _, ...untyped } = config
        const unknown = await worker.rest('POST', '/connectors', { name: 'c', config: untyped })
        assert.equal(unknown.status, 400)
        assert.doesNotMatch(JSON.stringify(unknown.body), new RegExp(CANARY))
      })
    }
  }

  test('a value of a config provider is in no answer, trace, metric or line of the log', async () => {
    const config = { 'connector.class': 'FileStreamSink', topics: 't', file: `\${file:${file}:place}` }
    assert.equal((await worker.rest('POST', '/connectors', { name: 'writes', config })).status, 201)
    const [, postgres] = CONNECTORS[0]!
    const refused = await worker.rest('POST', '/connectors', {
      name: 'reads',
      config: {
        ...postgres,
        'connector.class': 'PostgresConnector',
        'database.password': 'p',
        'database.hostname': `\${file:${file}:password}`,
      },
    })
    assert.equal(refused.status, 400)
    assert.doesNotMatch(JSON.stringify(refused.body), new RegExp(CANARY))
    await waitFor('the file to be missed', async () => {
      const { body } = await worker.rest('GET', '/connectors/writes/status')
      return JSON.stringify(body).includes('[hidden]')
    })
    // What a task itself writes into the log, with an error that quotes its configuration.
    await worker.rest('PUT', '/topics/days')
    await worker.rest('POST', '/topics/days/records', { records: [{ value: 'no day' }] })
    await worker.create('logs', {
      'connector.class': 'FileStreamSink',
      topics: 'days',
      file: '/dev/null',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      transforms: 'day',
      'transforms.day.type': 'org.apache.kafka.connect.transforms.TimestampConverter$Value',
      'transforms.day.target.type': 'Timestamp',
      'transforms.day.format': `\${file:${file}:pattern}`,
      'errors.tolerance': 'all',
      'errors.log.enable': 'true',
    })
    await worker.hasWritten(/does not match pattern/)
    for (const path of [
      '/connectors?expand=info&expand=status',
      '/connectors/writes/config',
      '/connectors/writes/tasks',
      '/connectors/writes/status',
      '/connectors/writes/tasks/0/status',
      '/health',
      '/health/connectors',
      '/metrics',
      '/admin/loggers',
    ]) {
      const answer = await (await fetch(worker.url + path)).text()
      assert.doesNotMatch(answer, new RegExp(CANARY), path)
    }
  })

  after(() => assert.doesNotMatch(worker.output, new RegExp(CANARY)))

  async function passwordOptions(name: string): Promise<readonly string[]> {
    const { body } = await worker.rest('GET', `/connector-plugins/${name}/config`)
    return (body as readonly Definition[]).filter(({ type }) => type === 'PASSWORD').map(({ name }) => name)
  }
})
