import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigDef } from '../../api/config-def.ts'
import { ConflictError, ConnectError, NotFoundError } from '../../api/errors.ts'
import type { OffsetChange } from '../../api/plugin.ts'
import type {
  ConnectorInfo,
  ConnectorStatus,
  Herder,
  TargetState,
  TaskId,
  WorkerGroup,
} from '../../connect/herder.ts'
import { SharedMetrics } from '../../connect/reported-metrics.ts'
import { StartupCounts } from '../../connect/startup-counts.ts'
import { TaskMeter } from '../../connect/task/task-meter.ts'
import type { ReindexState } from '../../connect/reindex/reindex-state.ts'
import type { VerificationState } from '../../connect/verify/verification-state.ts'
import { FakeLog } from './fake-log.ts'

const OPTIONS = new ConfigDef({
  'batch.size': {
    type: 'INT',
    default: 2000,
    importance: 'MEDIUM',
    documentation: 'Records at once.',
    group: 'Flow',
  },
  'linger.ms': {
    type: 'LONG',
    default: 1n,
    importance: 'LOW',
    documentation: 'How long to wait.',
    group: 'Flow',
  },
  password: { type: 'PASSWORD', default: null, importance: 'HIGH', documentation: 'Secret.' },
  topics: { type: 'LIST', importance: 'HIGH', documentation: 'Topics to read.', width: 'LONG' },
})

/** A herder that keeps what it is told and runs nothing. */
export class FakeHerder implements Herder {
  readonly topicLog = new FakeLog()
  readonly log = this.topicLog.asLog()
  readonly kafkaClusterId = 'cluster'
  readonly version = '4.3.1'
  readonly commit = 'abc'
  readonly group: WorkerGroup | null = null
  readonly startups = new StartupCounts()
  readonly explorer: Herder['explorer'] = {
    preflight: async (connectors) =>
      connectors.map(({ name, config }) => ({
        what: name,
        findings: [
          { check: 'class', level: 'OK', message: config['connector.class'] ?? '' },
          {
            check: 'wal_level',
            level: 'FAIL',
            message: 'replica',
            remedy: { apply: 'ALTER SYSTEM', where: 'sql', thenRestart: true },
          },
        ],
      })),
    tables: async () => [
      { schema: 'public', table: 't', estimatedRows: 5, bytes: 8192, hasPrimaryKey: true },
    ],
    indices: async (_sink, topics) => new Map(topics.map((topic) => [topic, `${topic}-index`])),
    search: async (_sink, { index, query }) => ({
      total: 1,
      documents: [{ id: '1', index, source: { query } }],
    }),
  }
  readonly admission: Herder['admission'] = {
    plugins: () => [
      { className: 'x.FakeSinkConnector', type: 'sink', version: '1' },
      { className: 'x.FakeConverter', type: 'converter', version: '2' },
    ],
    pluginConfig: async () => OPTIONS.validate({}),
    validate: async (name, config) => {
      const options = OPTIONS.validate(config)
      const errorCount = options.reduce((sum, { errors }) => sum + errors.length, 0)
      return { name, errorCount, groups: ['Flow'], options }
    },
  }
  readonly verifications: Herder['verifications'] = {
    start: (name, { isRepairing }) => {
      this.#config(name)
      return (this.verified = {
        state: 'RUNNING',
        progress: { phase: isRepairing ? 'looking again' : 'reading rows', done: 1, of: 2 },
      })
    },
    state: (name) => {
      this.#config(name)
      if (this.verified === null) throw new NotFoundError('connect.verify-unknown', 'not verified')
      return this.verified
    },
    ownState: () => this.verified,
    stop: async (name) => {
      this.#config(name)
      this.verified = null
    },
  }
  readonly reindexings: Herder['reindexings'] = {
    start: async (name, { from }) => {
      this.#config(name)
      const phase = from === 'snapshot' ? 'copying rows' : 'copying records'
      return (this.reindexed = { state: 'RUNNING', progress: { phase, done: 1, of: 2 } })
    },
    state: async (name) => {
      this.#config(name)
      if (this.reindexed === null) throw new NotFoundError('connect.reindex-unknown', 'not reindexed')
      return this.reindexed
    },
    ownState: () => this.reindexed,
    abort: async (name) => {
      this.#config(name)
      this.reindexed = null
    },
  }
  readonly configs = new Map<string, ConnectorConfig>()
  readonly states = new Map<string, TargetState>()
  offsets: readonly OffsetChange[] = []
  verified: VerificationState | null = null
  reindexed: ReindexState | null = null
  /** Whether it keeps track of topics. */
  isTracking = true
  /** What `restartTask` does; tests replace it. */
  onRestartTask: (id: TaskId) => Promise<void> = () => Promise.resolve()

  connectors(): readonly string[] {
    return [...this.configs.keys()]
  }

  connectorInfo(name: string): ConnectorInfo {
    return { name, config: this.#config(name), tasks: [{ connector: name, task: 0 }], type: 'sink' }
  }

  connectorStatus(name: string): ConnectorStatus {
    this.#config(name)
    const state = this.states.get(name) ?? 'STARTED'
    return {
      name,
      connector: { state: state === 'STARTED' ? 'RUNNING' : state, workerId: 'w:1', version: '1' },
      tasks:
        state === 'STOPPED' ? [] : [{ id: 0, state: 'FAILED', workerId: 'w:1', trace: 'why', version: '1' }],
      type: 'sink',
    }
  }

  taskConfigs(name: string) {
    return [{ id: { connector: name, task: 0 }, config: this.#config(name) }]
  }

  taskMeters(name: string) {
    const meter = new TaskMeter()
    meter.add('sink-record-send-total', 7)
    const metrics = new SharedMetrics({
      prefix: 'debezium_metrics_',
      labels: { plugin: 'postgres', name: 'shop', context: 'snapshot' },
      metrics: {
        TotalTableCount: { type: 'gauge', help: 'Tables' },
        took_seconds: { type: 'histogram', help: 'Time', buckets: [0.1, 1] },
      },
    })
    metrics.set('TotalTableCount', 5)
    metrics.observe('took_seconds', 0.05, 2)
    metrics.observe('took_seconds', 3)
    const restarts = new Map([['postgres.connection-lost', 4]])
    const timeShare = () => 0.5
    return [{ id: { connector: name, task: 0 }, meter, reported: [metrics.reported], restarts, timeShare }]
  }

  isHere(): boolean {
    return true
  }

  async putConnectorConfig(
    name: string,
    config: ConnectorConfig,
    { mode, initialState }: { mode: 'create' | 'createOrUpdate'; initialState?: TargetState },
  ) {
    const created = !this.configs.has(name)
    if (!created && mode === 'create') {
      throw new ConflictError('connect.config-invalid', `Connector ${name} already exists`)
    }
    this.configs.set(name, { ...config, name })
    if (initialState !== undefined) this.states.set(name, initialState)
    return { created, info: this.connectorInfo(name) }
  }

  async patchConnectorConfig(name: string, patch: ConnectorConfig): Promise<ConnectorInfo> {
    const merged = { ...this.#config(name), ...patch }
    this.configs.set(name, Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)))
    return this.connectorInfo(name)
  }

  async deleteConnector(name: string): Promise<void> {
    this.#config(name)
    this.configs.delete(name)
  }

  async setTargetState(name: string, state: TargetState): Promise<void> {
    this.#config(name)
    this.states.set(name, state)
  }

  async restartConnector(name: string): Promise<ConnectorStatus> {
    return this.connectorStatus(name)
  }

  async restartTask(id: TaskId): Promise<void> {
    await this.onRestartTask(id)
  }

  async connectorOffsets(name: string) {
    this.#config(name)
    return this.offsets.map(({ partition, offset }) => ({ partition: partition ?? {}, offset }))
  }

  async alterConnectorOffsets(name: string, offsets: readonly OffsetChange[]): Promise<string> {
    this.#config(name)
    this.offsets = offsets
    return 'altered'
  }

  async resetConnectorOffsets(name: string): Promise<string> {
    this.#config(name)
    this.offsets = []
    return 'reset'
  }

  connectorTopics(): readonly string[] {
    if (!this.isTracking) throw new ConnectError('connect.tracking-disabled', 'Topic tracking is disabled.')
    return ['t']
  }

  async resetConnectorTopics(): Promise<void> {
    this.connectorTopics()
  }

  async topics() {
    return this.topicLog.topics()
  }

  async close(): Promise<void> {}

  #config(name: string): ConnectorConfig {
    const config = this.configs.get(name)
    if (config === undefined) throw new NotFoundError('connect.config-invalid', `Connector ${name} not found`)
    return config
  }
}
