import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'
import { counted } from '../../api/counted.ts'
import { ConnectError } from '../../api/errors.ts'
import type { ConnectorInfo } from '../../connect/herder.ts'
import { ensureConnector } from '../ensure-connector.ts'
import { connectPostgres } from '../postgres-client.ts'
import { ProgressBar } from '../progress-bar.ts'
import { Progress } from '../progress.ts'
import { withShutdown } from '../with-shutdown.ts'
import { refusal as refused, request } from '../worker-client.ts'
import { databaseOf, mirrorConnectors, withTablesOf, type Mirror } from './mirror-connectors.ts'
import { MirrorGoal } from './mirror-goal.ts'
import { readPosition, type MirrorPosition } from './mirror-position.ts'
import { MirrorRate } from './mirror-rate.ts'
import { findOrStartWorker, type WorkerChoice } from './mirror-worker.ts'
import { findTables, refusal, type MirroredTable } from './mirrored-tables.ts'

export interface MirrorFlags {
  readonly postgres?: string
  readonly tables?: string
  readonly elasticsearch?: string
  readonly name?: string
  readonly print?: true
  readonly once?: true
  readonly sourceOption: readonly string[]
  readonly sinkOption: readonly string[]
}

const ASK_EVERY_MS = 250

/** `tailrace mirror`: creates the pair of connectors, shows the snapshot, then follows until Ctrl-C. */
export async function runMirror(flags: MirrorFlags, choice: WorkerChoice): Promise<void> {
  const { postgres, elasticsearch } = flags
  if (postgres === undefined || flags.tables === undefined || elasticsearch === undefined) {
    throw refusal('--postgres URL, --tables public.orders,public.items and --elasticsearch URL are needed')
  }
  const names = flags.tables.split(',').map((table) => table.trim())
  if (names.includes('')) throw refusal('--tables are names with commas between: public.orders,public.items')
  const name = flags.name ?? databaseOf(new URL(postgres))
  const client = await connectPostgres(new URL(postgres))
  try {
    const tables = await findTables(client, names)
    const wanted = mirrorConnectors({
      name,
      postgres,
      elasticsearch,
      tables,
      sourceOptions: flags.sourceOption,
      sinkOptions: flags.sinkOption,
    })
    if (flags.print) return console.log(JSON.stringify([wanted.source, wanted.sink], null, 2))
    await mirrorTables({ name, tables, wanted, client, isOnce: flags.once === true }, choice)
  } finally {
    await client.end()
  }
}

interface Work {
  readonly name: string
  readonly tables: readonly MirroredTable[]
  readonly wanted: Mirror
  readonly client: Client
  readonly isOnce: boolean
}

async function mirrorTables(
  { name, tables, wanted, client, isOnce }: Work,
  choice: WorkerChoice,
): Promise<void> {
  let isComplete = false
  await withShutdown(async (signal, closers) => {
    using progress = new Progress(process.stdout, signal)
    const start = () => findOrStartWorker(choice, signal, closers)
    const worker = await progress.step('Worker', start, ({ url, isOwn }) =>
      isOwn ? `Worker at ${url}, for as long as this command runs` : `Worker at ${url}`,
    )
    const mirror = withTablesOf(wanted, await knownConfigs(worker.url, wanted))
    for (const connector of [mirror.source, mirror.sink]) {
      await progress.step(
        connector.name,
        () => ensureConnector(worker.url, connector),
        (outcome) => `${connector.name}${OUTCOMES[outcome]}`,
      )
    }
    const topics = topicsOf(mirror)
    const ask = () => readPosition(worker.url, name, topics)
    const withRows = topicsOf(wanted).filter((_, index) => !tables[index]!.isEmpty)
    const goal = await MirrorGoal.of(client, name, withRows)
    const filling = fill({ ask, goal, tables, signal })
    const { indexed, seconds } = await Promise.race([filling, worker.failed])
    isComplete = true
    progress.line(
      `✔ In the index: ${topics.map((topic) => topic.toLowerCase()).join(', ')} (${counted(indexed, 'record')}, ${seconds.toFixed(1)} s)`,
    )
    if (isOnce) return
    progress.line(
      worker.isOwn
        ? '  Following. Ctrl-C stops the worker; the same command goes on from there.'
        : `  Following. Ctrl-C ends this display, not the mirror: see tailrace mirror status ${name}`,
    )
    await Promise.race([follow(ask, signal), worker.failed])
  })
  if (isOnce && !isComplete) {
    throw new ConnectError('cli.mirror-incomplete', 'Stopped before every row was in the index')
  }
}

function topicsOf({ sink }: Mirror): string[] {
  return sink.config['topics']!.split(',')
}

const OUTCOMES = {
  created: ' created',
  changed: ' was there, and is changed to what is asked for now',
  there: ' is there already',
}

/** The configs of an earlier run. */
async function knownConfigs(
  worker: string,
  { source, sink }: Mirror,
): Promise<{ source?: Record<string, string>; sink?: Record<string, string> }> {
  const [ofSource, ofSink] = await Promise.all(
    [source, sink].map(async ({ name }) => {
      const path = `/connectors/${encodeURIComponent(name)}`
      const answer = await request(worker, 'GET', path)
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw refused(answer, `GET ${path}`)
      return (answer.body as ConnectorInfo).config as Record<string, string>
    }),
  )
  return { ...(ofSource && { source: ofSource }), ...(ofSink && { sink: ofSink }) }
}

interface Filling {
  readonly ask: () => Promise<MirrorPosition>
  readonly goal: MirrorGoal
  readonly tables: readonly MirroredTable[]
  readonly signal: AbortSignal
}

/** Shows the snapshot, until all of it is in the index. */
async function fill({
  ask,
  goal,
  tables,
  signal,
}: Filling): Promise<{ readonly indexed: number; readonly seconds: number }> {
  const estimated = tables.reduce((sum, table) => sum + table.estimatedRows, 0)
  const bar = new ProgressBar()
  const rate = new MirrorRate()
  const startMs = performance.now()
  try {
    for (;;) {
      signal.throwIfAborted()
      const position = await ask()
      if (position.problem !== null) throw new ConnectError('cli.mirror-incomplete', position.problem)
      const { isSnapshotDone, captured, indexed } = position
      if (await goal.isReached(position)) {
        return { indexed, seconds: (performance.now() - startMs) / 1000 }
      }
      const of = isSnapshotDone ? captured : Math.max(estimated, captured)
      bar.show({ text: rate.describe(indexed, of, isSnapshotDone), done: indexed, of })
      await delay(ASK_EVERY_MS, undefined, { signal })
    }
  } finally {
    bar.end()
  }
}

async function follow(ask: () => Promise<MirrorPosition>, signal: AbortSignal): Promise<void> {
  const bar = new ProgressBar()
  const rate = new MirrorRate()
  let shownProblem: string | null = null
  for (;;) {
    const position = await ask().finally(() => signal.throwIfAborted())
    if (position.problem !== shownProblem) {
      bar.end()
      console.error(position.problem ?? 'Going on.')
      shownProblem = position.problem
    }
    const { indexed, captured } = position
    const behind = captured - indexed
    bar.show({ text: rate.follow(indexed, behind), done: indexed, of: captured })
    await delay(ASK_EVERY_MS, undefined, { signal })
  }
}
