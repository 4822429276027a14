import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { canaryPassword } from '../servers/canary.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { sinkConfig, sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const CANARY = canaryPassword('provided')
const LOGIN = 'secret_login'
const TOPIC = 'p.public.items'
const DEAD = 'dead'

test('what config providers supply is in no answer, topic, file or line of the log, whatever fails', async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-canary-'))
  t.after(() => rmSync(place, { recursive: true, force: true }))
  const file = join(place, 'secrets.properties')
  writeFileSync(file, `password=${CANARY}\n`)
  const secret = `\${file:${file}:password}`
  const [postgres, search] = await Promise.all([startPostgres(), startSearch()])
  t.after(() => postgres.stop())
  t.after(() => search.stop())
  await postgres.query(`CREATE ROLE ${LOGIN} SUPERUSER LOGIN REPLICATION PASSWORD '${CANARY}'`)
  await postgres.query('CREATE TABLE items (id int PRIMARY KEY, name text, size text)')
  await postgres.query("INSERT INTO items VALUES (1, 'a-row', '1')")
  await using worker = await startWorker({
    env: {
      CONNECT_CONFIG_PROVIDERS: 'file',
      CONNECT_CONFIG_PROVIDERS_FILE_CLASS: 'org.apache.kafka.common.config.provider.FileConfigProvider',
      // All that it ever says.
      TAILRACE_LOG_LEVEL: 'trace',
    },
  })
  await worker.create(
    'items',
    sourceConfig(postgres, {
      'table.include.list': 'public.items',
      'database.user': LOGIN,
      'database.password': secret,
      'heartbeat.interval.ms': '50',
      'notification.enabled.channels': 'sink,log',
      'notification.sink.topic.name': 'notifications',
    }),
  )
  await worker.create(
    'search',
    sinkConfig(search.url, TOPIC, {
      'connection.username': LOGIN,
      'connection.password': secret,
      // What is no JSON by then is a dead letter, with all that is known of it.
      transforms: 'cast',
      'transforms.cast.type': 'org.apache.kafka.connect.transforms.Cast$Value',
      'transforms.cast.spec': 'size:int32',
      'errors.tolerance': 'all',
      'errors.log.enable': 'true',
      'errors.log.include.messages': 'true',
      'errors.deadletterqueue.topic.name': DEAD,
      'errors.deadletterqueue.context.headers.enable': 'true',
    }),
  )
  await waitFor('the snapshot', async () => (await worker.records(TOPIC)) === 1)
  await postgres.query("INSERT INTO items VALUES (2, 'a-row', 'no number')")
  await waitFor('a dead letter', async () => (await worker.records(DEAD)) === 1)
  // The password is another one now: what was supplied is wrong.
  await postgres.query(`ALTER ROLE ${LOGIN} PASSWORD 'changed'`)
  await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${LOGIN}'`)
  await worker.rest('POST', '/connectors/items/restart?includeTasks=true')
  const trace = await waitFor('the login to fail', async () => (await worker.states('items')).trace || false)
  assert.match(trace, /password authentication failed|28P01/)
  await search.stop()
  await postgres.query('SELECT 1')
  const refused = await worker.rest('PUT', '/connectors/items/config', {
    ...sourceConfig(postgres, { 'database.user': LOGIN, 'database.password': secret }),
  })
  assert.equal(refused.status, 400)

  for (const [path, text] of await answers(worker)) assert.ok(!text.includes(CANARY), path)
  await worker.terminate()
  assert.match(worker.output, /"level":(?:10|20)/)
  assert.ok(!worker.output.includes(CANARY), 'the log')
  const files = readdirSync(worker.dataDir, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(worker.dataDir, name),
  )
  const contents = files
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }))
  for (const { path, bytes } of contents) assert.ok(!bytes.includes(CANARY), path)
  // So that it would have been found.
  assert.ok(contents.some(({ bytes }) => bytes.includes('a-row')))
  assert.ok(contents.some(({ bytes }) => bytes.includes(secret)))
})

/** Of all that can be read from the worker, but what never ends. */
async function answers(worker: WorkerProcess): Promise<(readonly [path: string, text: string])[]> {
  const { paths } = (await worker.rest('GET', '/openapi.json')).body as {
    readonly paths: Readonly<Record<string, object>>
  }
  const found: (readonly [string, string])[] = []
  for (const [template, methods] of Object.entries(paths)) {
    if (!('get' in methods) || template.endsWith('/events')) continue
    for (const connector of ['items', 'search']) {
      for (const topic of [TOPIC, DEAD, 'notifications']) {
        const path = template
          .replace('{connector}', connector)
          .replace('{topic}', topic)
          .replace('{plugin}', 'PostgresConnector')
          .replace('{task}', '0')
        if (found.some(([known]) => known === path)) continue
        const answer = await fetch(worker.url + path, { signal: AbortSignal.timeout(60_000) })
        found.push([path, await answer.text()])
      }
    }
  }
  assert.ok(found.length > 40, String(found.length))
  assert.ok(found.some(([path, text]) => path.startsWith('/topics/') && text.includes('a-row')))
  return found
}
