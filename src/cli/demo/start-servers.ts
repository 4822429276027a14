import { join } from 'node:path'
import { ConnectError } from '../../api/errors.ts'
import { startEmbeddedPostgres } from '../../embedded/postgres/start-embedded-postgres.ts'
import { stopOrphan } from '../../embedded/postgres/stop-orphan.ts'
import { startWorker } from '../compose.ts'
import { createLogger } from '../logger.ts'
import type { Closers } from '../with-shutdown.ts'
import type { DemoOptions } from './demo-options.ts'
import { kafkaWorker } from './kafka-worker.ts'
import { nextFreePort } from './next-free-port.ts'
import type { Progress } from '../progress.ts'
import { SearchClient } from './search-client.ts'
import { startSearchThread } from './start-search-thread.ts'

export interface DemoServers {
  /** Any database of the server. */
  readonly postgresUrl: string
  readonly searchUrl: string
  readonly workerUrl: string
  /** Rejects when one of them ends while it should not. */
  readonly failed: Promise<never>
}

interface Surroundings {
  readonly stateDir: string
  readonly progress: Progress
  readonly closers: Closers
}

/** The three servers of the walk-through; the user's own in place of the embedded ones where given. */
export async function startServers(options: DemoOptions, around: Surroundings): Promise<DemoServers> {
  const failed = Promise.withResolvers<never>()
  const endedBy = (what: string) => (reason: unknown) =>
    failed.reject(new ConnectError('cli.demo-failed', `${what} ended: ${String(reason)}`))
  // Nobody may be waiting for it at the moment.
  failed.promise.catch(() => {})

  // Both are waited for even when one fails, so that each is closed.
  const started = await Promise.allSettled([
    options.postgres === undefined ? ownPostgres(around, endedBy) : Promise.resolve(options.postgres),
    options.elasticsearch === undefined
      ? ownSearch(around, endedBy)
      : theirSearch(options.elasticsearch, around),
  ])
  const [postgresUrl, searchUrl] = started.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
  // Last, because it goes on with the connectors of the last run at once; and so it is also stopped first.
  const workerUrl = await ownWorker(options, around, endedBy)
  return { postgresUrl: postgresUrl!, searchUrl: searchUrl!, workerUrl, failed: failed.promise }
}

type EndedBy = (what: string) => (reason: unknown) => void

async function ownPostgres({ stateDir, progress, closers }: Surroundings, endedBy: EndedBy): Promise<string> {
  const dataDir = join(stateDir, 'postgres')
  // One that a killed demo left would hold the port.
  await stopOrphan(join(dataDir, 'data'))
  const port = await nextFreePort(5432)
  const start = () => startEmbeddedPostgres({ dataDir, port })
  const postgres = await progress.step('PostgreSQL', start, () => listening('PostgreSQL 18', port, 5432))
  closers.push(() => postgres.stop())
  void postgres.ended.then(endedBy('PostgreSQL'))
  return postgres.url
}

async function ownSearch({ stateDir, progress, closers }: Surroundings, endedBy: EndedBy): Promise<string> {
  const port = await nextFreePort(9200)
  const logger = createLogger(join(stateDir, 'search.log'))
  const start = () =>
    startSearchThread({ dataDir: join(stateDir, 'search'), port }, (error) =>
      logger.error({ error }, 'A request failed'),
    )
  const search = await progress.step('Search node', start, () =>
    listening('Search node (for trying out, not for production)', port, 9200),
  )
  closers.push(() => search.stop())
  void search.ended.then(endedBy('The search node'))
  return search.url
}

async function theirSearch(url: string, { progress }: Surroundings): Promise<string> {
  const { host } = new URL(url)
  await progress.step(
    'Elasticsearch',
    () => new SearchClient(url).check(),
    () => `Elasticsearch at ${host}`,
  )
  return url
}

async function ownWorker(
  { version, kafka }: DemoOptions,
  { stateDir, progress, closers }: Surroundings,
  endedBy: EndedBy,
): Promise<string> {
  const port = await nextFreePort(8083)
  const logFile = join(stateDir, 'worker.log')
  const properties = {
    listeners: `http://127.0.0.1:${port}`,
    'data.dir': join(stateDir, 'worker'),
    ...(kafka === undefined ? {} : kafkaWorker(kafka, stateDir)),
  }
  const start = () => startWorker({ properties, version, logger: createLogger(logFile), logFile })
  const worker = await progress.step('Worker', start, () => {
    const topics = kafka === undefined ? '' : `, its topics in Kafka at ${kafka}`
    return listening('Worker', port, 8083) + topics
  })
  closers.push(() => worker.close())
  void worker.failed.then((error) => endedBy('The worker')(error.message))
  return worker.url
}

function listening(what: string, port: number, wanted: number): string {
  const instead = port === wanted ? '' : `, because ${wanted} is taken`
  return `${what} on port ${port}${instead}`
}
