import { join } from 'node:path'
import { ConnectError } from '../../api/errors.ts'
import { startEmbeddedPostgres } from '../../embedded/postgres/start-embedded-postgres.ts'
import { stopOrphan } from '../../embedded/postgres/stop-orphan.ts'
import { startWorker } from '../compose.ts'
import { createLogger } from '../logger.ts'
import type { Closers } from '../with-shutdown.ts'
import type { DemoOptions } from './demo-options.ts'
import { kafkaWorker } from './kafka-worker.ts'
import type { Progress } from '../progress.ts'
import { onFreePort } from './on-free-port.ts'
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
  const start = () => onFreePort(5432, (port) => startEmbeddedPostgres({ dataDir, port }))
  const postgres = await progress.step('PostgreSQL', start, ({ url }) =>
    listening('PostgreSQL 18', url, 5432),
  )
  closers.push(() => postgres.stop())
  void postgres.ended.then(endedBy('PostgreSQL'))
  return postgres.url
}

async function ownSearch({ stateDir, progress, closers }: Surroundings, endedBy: EndedBy): Promise<string> {
  const logger = createLogger(join(stateDir, 'search.log'))
  const start = () =>
    onFreePort(9200, (port) =>
      startSearchThread({ dataDir: join(stateDir, 'search'), port }, (error) =>
        logger.error({ error }, 'A request failed'),
      ),
    )
  const search = await progress.step('Search node', start, ({ url }) =>
    listening('Search node (for trying out, not for production)', url, 9200),
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
  const logFile = join(stateDir, 'worker.log')
  const logger = createLogger(logFile)
  const properties = {
    'data.dir': join(stateDir, 'worker'),
    ...(kafka === undefined ? {} : kafkaWorker(kafka, stateDir)),
  }
  const start = () =>
    onFreePort(8083, (port) => {
      const listeners = `http://127.0.0.1:${port}`
      return startWorker({ properties: { ...properties, listeners }, version, logger, logFile })
    })
  const worker = await progress.step('Worker', start, ({ url }) => {
    const topics = kafka === undefined ? '' : `, its topics in Kafka at ${kafka}`
    return listening('Worker', url, 8083) + topics
  })
  closers.push(() => worker.close())
  void worker.failed.then((error) => endedBy('The worker')(error.message))
  return worker.url
}

function listening(what: string, url: string, wanted: number): string {
  const port = new URL(url).port
  const instead = port === String(wanted) ? '' : `, because ${wanted} is taken`
  return `${what} on port ${port}${instead}`
}
