import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ConnectError } from '../../api/errors.ts'
import { removeDirectoryForUser } from '../../embedded/postgres/place-for-user.ts'
import { stopOrphan } from '../../embedded/postgres/stop-orphan.ts'
import { withShutdown } from '../with-shutdown.ts'
import { DemoDatabase } from './demo-database.ts'
import type { DemoOptions } from './demo-options.ts'
import { lockState } from './state-lock.ts'
import { Progress } from '../progress.ts'
import { SearchClient } from './search-client.ts'
import { startServers, type DemoServers } from './start-servers.ts'
import { Walkthrough } from './walkthrough.ts'

/** A slot without a reader keeps its server from removing WAL, until its disk is full. */
const LEFT_ON_SERVER =
  '\nYour PostgreSQL keeps the database exampledb and, in it, the replication slot debezium, which holds back WAL while\n' +
  "nothing reads it. When you have seen enough: SELECT pg_drop_replication_slot('debezium')"

const LEFT_IN_KAFKA =
  '\nYour Kafka cluster keeps the topics tailrace-demo-…-config, -offset and -status, postgres_server.public.test_table, and\n' +
  'the consumer group connect-elasticsearch-sink-connector.'

/** `tailrace demo`, which is `npm start`: the walk-through on this machine, with what earlier runs kept. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const stateDir = resolve('.tailrace', stateName(options))
  using _lock = lockState(join('.tailrace', 'demo.lock'))
  if (options.reset) await forget(stateDir)
  const isFirstRun = !existsSync(stateDir)
  let isComplete = false
  await withShutdown(async (signal, closers) => {
    using progress = new Progress(process.stdout, signal)
    progress.line(
      isFirstRun
        ? 'tailrace: PostgreSQL rows into a search index, through the REST API of Kafka Connect\n'
        : 'tailrace: going on where the last run stopped (--reset forgets it)\n',
    )
    closers.push(async () => {
      if (signal.aborted) console.log('Stopped.')
    })
    const servers = await startServers(options, { stateDir, progress, closers })
    const database = await openDatabase(options, servers.postgresUrl, progress)
    closers.push(() => database.close())
    const search = new SearchClient(servers.searchUrl)
    const walkthrough = new Walkthrough({ database, search, servers, progress, signal })
    await walkthrough.run()
    isComplete = true
    if (options.postgres !== undefined) progress.line(LEFT_ON_SERVER)
    if (options.kafka !== undefined) progress.line(LEFT_IN_KAFKA)
    if (options.once) return
    showWhatToTry(servers, database, progress)
    // The end of the input ends nothing.
    const inserting = walkthrough.insertOnEnter().then(() => aborted(signal))
    await Promise.race([inserting, servers.failed])
  })
  if (options.once && !isComplete) {
    throw new ConnectError('cli.demo-failed', 'Stopped before every row was found in the index')
  }
}

/**
 * A directory for each choice of servers: topics and offsets of one database say nothing about another, and an index
 * that holds the documents of one would seem to hold those of the other.
 */
function stateName({ postgres, elasticsearch, kafka }: DemoOptions): string {
  if (postgres === undefined && elasticsearch === undefined && kafka === undefined) return 'demo'
  const places = [postgres, elasticsearch].map((address) => {
    if (address === undefined) return null
    const { host, pathname } = new URL(address)
    return [host, pathname]
  })
  if (kafka !== undefined) places.push([kafka, ''])
  return `demo-${createHash('sha256').update(JSON.stringify(places)).digest('hex').slice(0, 8)}`
}

/** The user's own server is a step that can fail; the embedded one has just started. */
function openDatabase(options: DemoOptions, url: string, progress: Progress): Promise<DemoDatabase> {
  const open = () => DemoDatabase.open(url)
  if (options.postgres === undefined) return open()
  return progress.step('PostgreSQL', open, (database) => `PostgreSQL at ${database.url.host}`)
}

/** What earlier runs kept; not what is on a server of the user's own. */
async function forget(stateDir: string): Promise<void> {
  await stopOrphan(join(stateDir, 'postgres', 'data'))
  await removeDirectoryForUser(join(stateDir, 'postgres'))
  await rm(stateDir, { recursive: true, force: true })
}

function showWhatToTry({ workerUrl, searchUrl }: DemoServers, database: DemoDatabase, progress: Progress) {
  const topic = 'postgres_server.public.test_table'
  const shownSearch = new URL(searchUrl)
  shownSearch.username = shownSearch.password = ''
  const search = shownSearch.href.replace(/\/$/, '')
  // Started by npm in a checkout, or as an installed program.
  const isCheckout = process.env['npm_lifecycle_event'] === 'start'
  const again = isCheckout ? 'npm start' : 'tailrace demo'
  const cli = isCheckout ? 'npm run -s tailrace --' : 'tailrace'
  const url = workerUrl.endsWith(':8083') ? '' : ` --url ${workerUrl}`
  const shownDatabase = new URL(database.url)
  // The embedded server's password is no secret; a user's own is.
  if (shownDatabase.password !== 'postgres') shownDatabase.password = '***'
  const insert = "INSERT INTO test_table (name) VALUES ('Grace')"
  progress.line(
    [
      '',
      `The console, in a browser: ${workerUrl}/console`,
      `The documentation:         ${workerUrl}/docs`,
      '',
      'Try, in another terminal:',
      `  curl '${search}/${topic}/_search?pretty'`,
      `  curl ${workerUrl}/connectors/inventory-connector/status`,
      `  ${cli} consume ${topic} --from-beginning${url}`,
      `  psql ${shownDatabase.href} -c "${insert}"`,
      '',
      process.stdin.isTTY ? 'Enter inserts another row. Ctrl-C stops; ' : 'Ctrl-C stops; ',
    ].join('\n') + `${again} goes on from here, ${again}${isCheckout ? ' --' : ''} --reset begins anew.`,
  )
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
