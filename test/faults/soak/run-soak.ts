import { setTimeout as delay } from 'node:timers/promises'
import { mirrorConnectors, sinkName } from '../../../src/cli/mirror/mirror-connectors.ts'
import { startElasticsearch } from '../../servers/elasticsearch.ts'
import { startKafka, workersOnKafka } from '../../servers/kafka.ts'
import { startPostgres } from '../../servers/postgres.ts'
import { startSearch } from '../../servers/search.ts'
import { untilStreamed } from '../../servers/streaming.ts'
import { startWorker } from '../../servers/worker.ts'
import { waitFor } from '../../wait-for.ts'
import { Probe } from './probe.ts'
import type { Sample } from './sample.ts'
import { Sampler } from './sampler.ts'
import { SoakTable, TABLE } from './soak-table.ts'

export interface SoakPlan {
  readonly log: 'embedded' | 'kafka'
  /** `embedded`: the search node of this project, which starts at once. */
  readonly search: 'elasticsearch' | 'embedded'
  readonly minutes: number
  /** Changes a second. */
  readonly rate: number
  readonly rows: number
  readonly sampleMs: number
}

export interface SoakResult {
  readonly plan: SoakPlan
  readonly samples: readonly Sample[]
  readonly changes: number
  /** What differs between the table and its index in the end. */
  readonly differences: readonly string[]
}

/** Bytes of a record in the topic; what retention keeps is reckoned with it. */
const RECORD_BYTES = 600
/** Retention is reached after this share of a run, but is never shorter than what a sink may once be late by. */
const KEPT_SHARE = 1 / 3
const LEAST_KEPT_S = 90
/** So small are segments that what is kept varies little. */
const SEGMENTS = 8

/**
 * A table that changes all the time, its mirror, and looks at the worker meanwhile.
 *
 * @param onSample is called with each as it comes
 */
export async function runSoak(plan: SoakPlan, onSample: (sample: Sample) => void): Promise<SoakResult> {
  await using stack = new AsyncDisposableStack()
  const [postgres, search, kafka] = await Promise.all([
    startPostgres().then((server) => stack.use(server)),
    (plan.search === 'elasticsearch'
      ? startElasticsearch({ version: '8.7.1', isLongRun: true })
      : startSearch()
    ).then((server) => stack.use(server)),
    plan.log === 'kafka'
      ? startKafka({ 'log.retention.check.interval.ms': '10000' }).then((server) => stack.use(server))
      : null,
  ])
  const worker = stack.use(await startWorker({ env: kafka === null ? {} : workersOnKafka(kafka) }))
  const table = new SoakTable(postgres, plan.rows)
  await table.create()

  const { source, sink } = mirrorConnectors({
    name: 'shop',
    postgres: postgres.url(),
    elasticsearch: search.url,
    tables: [{ schema: 'public', table: TABLE }],
    sourceOptions: retention(plan),
    sinkOptions: [],
  })
  const topic = sink.config['topics']!
  await worker.create(source.name, source.config)
  await worker.create(sink.name, sink.config)
  const probe = new Probe(postgres, search.url, topic)
  await untilStreamed(postgres, source.config['slot.name']!)
  await probe.look()

  const stopping = new AbortController()
  const { signal } = stopping
  const sampler = await Sampler.begin({ postgres, worker, table, probe, topic })
  const working = Promise.all([table.keepChanging(plan.rate, signal), probe.keepLooking(signal)])
  // Who waits for the next look hears of what went wrong then.
  working.catch(() => stopping.abort())
  const samples: Sample[] = []
  try {
    const count = Math.round((plan.minutes * 60_000) / plan.sampleMs)
    const startMs = performance.now()
    while (samples.length < count && !signal.aborted) {
      const nextMs = startMs + (samples.length + 1) * plan.sampleMs
      await delay(Math.max(0, nextMs - performance.now()))
      const sample = await sampler.look()
      samples.push(sample)
      onSample(sample)
    }
  } finally {
    stopping.abort()
  }
  await working
  // What was committed before it is indexed before it.
  await probe.look()
  const differences = await settled(() => table.differences(search.url, topic))
  const { tasks, trace } = await worker.states(sinkName('shop'))
  if (tasks.join() !== 'RUNNING') throw new Error(`The sink is ${tasks.join()}: ${trace}`)
  return { plan, samples, changes: table.changes, differences }
}

function retention({ rate, minutes }: SoakPlan): string[] {
  const keptS = Math.max(minutes * 60 * KEPT_SHARE, LEAST_KEPT_S)
  const bytes = Math.round(rate * keptS * RECORD_BYTES)
  return [
    'topic.creation.default.partitions=1',
    'topic.creation.default.replication.factor=1',
    `topic.creation.default.retention.bytes=${bytes}`,
    `topic.creation.default.segment.bytes=${Math.round(bytes / SEGMENTS)}`,
  ]
}

/** Bulk requests may be under way beside each other: it is looked again while something differs. */
async function settled(look: () => Promise<string[]>): Promise<string[]> {
  let found: string[] = []
  await waitFor('the index', async () => (found = await look()).length === 0).catch(() => {})
  return found
}
