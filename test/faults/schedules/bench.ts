import { startElasticsearch } from '../../servers/elasticsearch.ts'
import { startFaultyProxy, type FaultyProxy } from '../../servers/faulty-proxy.ts'
import { startKafkaCluster, workersOnKafka, type KafkaServer } from '../../servers/kafka.ts'
import { startPostgres, type PostgresServer } from '../../servers/postgres.ts'
import { startSearch } from '../../servers/search.ts'
import { mountSmallDisk, type SmallDisk } from '../../servers/small-disk.ts'
import { startTcpProxy, type TcpProxy } from '../../servers/tcp-proxy.ts'
import { sinkConfig, sourceConfig, startWorker, type WorkerProcess } from '../../servers/worker.ts'
import { waitFor } from '../../wait-for.ts'
import { notedTables } from './collect.ts'
import type { HistoryFile } from './history-file.ts'
import { createJournal } from './journal.ts'
import { Mutex } from './mutex.ts'
import type { Need, RunPlan } from './run-plan.ts'
import { followPrimary } from '../../servers/standby.ts'
import { WorkerAgent } from './agent/worker-agent.ts'
import { Workload } from './workload.ts'

const PREFIX = 'f'
/** How often the source looks at its slot and its publication. */
export const LOOK_MS = 500
const JSON_CONVERTERS = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
  // Else a null in a column that was added with a default is written as that, as the reference does it.
  'value.converter.replace.null.with.default': 'false',
}

/** A search server, with or without the means to be ill-treated. */
export interface SearchEngine extends AsyncDisposable {
  readonly url: string
  restart?(): Promise<void>
  kill?(): Promise<void>
}

type Parts = Pick<
  Bench,
  | 'plan'
  | 'history'
  | 'postgres'
  | 'standby'
  | 'kafka'
  | 'engine'
  | 'disk'
  | 'worker'
  | 'agent'
  | 'upstream'
  | 'downstream'
  | 'search'
> & { readonly upstreamTarget: { host: string; port: number } }

/** The servers of a run, the worker between them, and the two connectors: what faults are done to. */
export class Bench implements AsyncDisposable {
  readonly plan: RunPlan
  readonly history: HistoryFile
  /** The server that is written to; after a failover the one that was the standby. */
  postgres: PostgresServer
  readonly standby: PostgresServer | null
  readonly kafka: readonly KafkaServer[]
  readonly engine: SearchEngine
  readonly disk: SmallDisk | null
  readonly worker: WorkerProcess
  readonly agent: WorkerAgent
  /** Between worker and PostgreSQL. */
  readonly upstream: TcpProxy
  /** Between worker and search server: bytes, and behind it requests. */
  readonly downstream: TcpProxy
  readonly search: FaultyProxy
  /** Who ends or starts a server has it alone. */
  readonly workerLock = new Mutex()
  readonly postgresLock = new Mutex()
  readonly engineLock = new Mutex()
  readonly kafkaLock = new Mutex()
  /** Whether a task may be FAILED now: a fault that must be named has come. */
  mayFail = false
  /** Tables that there are, as of a moment ago. */
  tables: readonly string[] = []
  readonly slot = 'faults'
  readonly workload: Workload
  readonly #upstreamTarget: { host: string; port: number }
  readonly #stack: AsyncDisposableStack

  private constructor(parts: Parts, stack: AsyncDisposableStack) {
    this.plan = parts.plan
    this.history = parts.history
    this.postgres = parts.postgres
    this.standby = parts.standby
    this.kafka = parts.kafka
    this.engine = parts.engine
    this.disk = parts.disk
    this.worker = parts.worker
    this.agent = parts.agent
    this.upstream = parts.upstream
    this.#upstreamTarget = parts.upstreamTarget
    this.downstream = parts.downstream
    this.search = parts.search
    this.#stack = stack
    this.workload = new Workload(
      () => this.postgres,
      parts.plan,
      (commit) => parts.history.add(commit),
    )
  }

  static async start(plan: RunPlan, history: HistoryFile): Promise<Bench> {
    await using stack = new AsyncDisposableStack()
    const needs = (need: Need): boolean => plan.needs.includes(need)
    const [postgres, standby, engine, kafka, disk] = await Promise.all([
      startPostgres({ settings: { max_prepared_transactions: '0' } }).then((server) => stack.use(server)),
      needs('standby') ? startPostgres().then((server) => stack.use(server)) : null,
      (needs('elasticsearch') ? startElasticsearch({ version: '8.7.1' }) : startSearch()).then((server) =>
        stack.use(server),
      ),
      plan.log === 'kafka' ? startBrokers(stack) : [],
      needs('disk') ? mountSmallDisk(256).then((mounted) => stack.use(mounted)) : null,
    ])
    await createJournal(postgres)
    if (standby !== null) await followPrimary(standby, postgres)
    const upstreamTarget = { host: postgres.host, port: postgres.port }
    const upstream = stack.use(await startTcpProxy(upstreamTarget))
    const search = stack.use(await startFaultyProxy(engine.url))
    const downstream = stack.use(
      await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(search.url).port) }),
    )
    const agent = stack.use(await WorkerAgent.prepare())
    const env = {
      ...agent.env,
      ...(kafka.length > 0 && kafkaSettings(kafka, plan)),
      // Whoever is away for longer than a minute is not waited for as long.
      CONNECT_TASKS_AUTO_RESTART_DELAY_MAX_MS: '3000',
      CONNECT_OFFSET_FLUSH_INTERVAL_MS: '1000',
      CONNECT_TASK_THREAD_HEAP_MAX_MB: '64',
    }
    const worker = stack.use(await startWorker({ env, ...(disk !== null && { dataDir: disk.path }) }))
    const parts = { plan, history, postgres, standby, kafka, engine, disk, worker, agent, upstream, upstreamTarget, downstream, search } // prettier-ignore
    return new Bench(parts, stack.move())
  }

  get searchUrl(): string {
    return this.engine.url
  }

  readonly topicOf = (table: string): string => `${PREFIX}.public.${table}`

  async createConnectors(): Promise<void> {
    const sink = sinkConfig(`http://127.0.0.1:${this.downstream.port}`, '', {
      ...JSON_CONVERTERS,
      'topics.regex': `${PREFIX}\\.public\\.t[0-9]+`,
      mode: 'mirror',
      'read.timeout.ms': '5000',
      'key.ignore': 'false',
    })
    delete sink['topics']
    await this.worker.create('source', this.sourceConfig())
    await this.worker.create('sink', sink)
  }

  sourceConfig(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const config = sourceConfig(this.upstream, {
      ...JSON_CONVERTERS,
      'table.include.list': 'public\\.t[0-9]+',
      'topic.prefix': PREFIX,
      'slot.name': this.slot,
      'publication.name': this.slot,
      'skipped.operations': 'none',
      'unchanged.values.header': 'true',
      'status.update.interval.ms': String(LOOK_MS),
      'slot.retry.delay.ms': '200',
      'slot.max.retries': '100',
      'connection.silence.timeout.ms': '8000',
      ...(this.standby !== null && this.plan.needs.includes('failover slot') && { 'slot.failover': 'true' }),
      ...this.plan.source,
      ...more,
    })
    delete config['transforms']
    return config
  }

  /** The sink's committed offset in each topic. */
  async sinkOffsets(): Promise<ReadonlyMap<string, number>> {
    const { status, body } = await this.worker.rest('GET', '/connectors/sink/offsets')
    if (status !== 200) throw new Error(`The sink's offsets: ${status}`)
    const { offsets } = body as {
      offsets: { partition: { kafka_topic: string }; offset: { kafka_offset: number } }[]
    }
    return new Map(offsets.map(({ partition, offset }) => [partition.kafka_topic, offset.kafka_offset]))
  }

  /** Looks which tables there are. */
  async findTables(): Promise<readonly string[]> {
    return (this.tables = await notedTables(this.postgres))
  }

  /** What the worker talks to from now on. */
  pointUpstreamTo({ host, port }: PostgresServer): void {
    Object.assign(this.#upstreamTarget, { host, port })
  }

  /** Ends the worker in that way and starts it again, with what is done in between. */
  async restartWorker(end: 'kill' | 'terminate', meanwhile?: () => Promise<void>): Promise<void> {
    await this.workerLock.run(async () => {
      await this.worker[end]()
      await meanwhile?.()
      await this.worker.start()
    })
  }

  /** Restarts PostgreSQL in that way. */
  async restartPostgres(end: 'kill' | 'restart'): Promise<void> {
    await this.postgresLock.run(async () => {
      if (end === 'kill') await this.postgres.kill()
      await this.postgres.restart()
    })
  }

  /** Resolves once both connectors run, whatever was before. */
  async running(): Promise<void> {
    for (const name of ['source', 'sink']) {
      await waitFor(`${name} to run`, async () => {
        const { tasks, trace } = await this.worker.states(name)
        if (tasks.length > 0 && tasks.every((state) => state === 'RUNNING')) return true
        throw new Error(`${tasks.join()} ${trace}`)
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]()
  }
}

async function startBrokers(stack: AsyncDisposableStack): Promise<KafkaServer[]> {
  const brokers = await startKafkaCluster(3)
  for (const broker of brokers) stack.use(broker)
  return brokers
}

function kafkaSettings(kafka: readonly KafkaServer[], { exactlyOnce }: RunPlan): Record<string, string> {
  const replicas = String(kafka.length)
  return {
    ...workersOnKafka({ bootstrapServers: kafka.map(({ bootstrapServers }) => bootstrapServers).join(',') }),
    CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR: replicas,
    CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR: replicas,
    CONNECT_STATUS_STORAGE_REPLICATION_FACTOR: replicas,
    CONNECT_SESSION_TIMEOUT_MS: '6000',
    CONNECT_HEARTBEAT_INTERVAL_MS: '500',
    CONNECT_SCHEDULED_REBALANCE_MAX_DELAY_MS: '1000',
    CONNECT_CONSUMER_SESSION_TIMEOUT_MS: '6000',
    CONNECT_CONSUMER_HEARTBEAT_INTERVAL_MS: '500',
    ...(exactlyOnce && { CONNECT_EXACTLY_ONCE_SOURCE_SUPPORT: 'enabled' }),
  }
}
