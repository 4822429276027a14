import { ConfigDef, type ConnectorConfig } from '../../api/config-def.ts'
import { compilePatterns } from '../../api/java/java-pattern.ts'
import { parseInt32 } from './checks.ts'
import { milliseconds } from './milliseconds.ts'
import { snapshotDefinitions } from './snapshot-definitions.ts'
import { snapshotPolicy, type SnapshotPolicy } from './snapshot-policy.ts'
import { type SnapshotSelect, snapshotSelects } from './snapshot-selects.ts'

type Choice<K extends keyof typeof snapshotDefinitions> = (typeof snapshotDefinitions)[K] extends {
  readonly allowed: readonly (infer T)[]
}
  ? T
  : never

export type SnapshotMode = Choice<'snapshot.mode'>

/** What a configuration says about the first read of the tables. */
export interface SnapshotOptions {
  readonly snapshotPolicy: SnapshotPolicy
  /** SELECT statements to read tables with, by `schema.table`. */
  readonly snapshotSelects: ReadonlyMap<string, SnapshotSelect>
  readonly snapshotTableOrder: Choice<'snapshot.tables.order.by.row.count'>
  /** `snapshot.include.collection.list`: whether the snapshot reads a captured table. */
  isTableInSnapshot(schema: string, table: string): boolean
  readonly snapshotIsolationMode: Choice<'snapshot.isolation.mode'>
  /** How long to wait for the lock of a table; 0: for ever. */
  readonly snapshotLockTimeoutMs: number
  /** How many connections read. */
  readonly snapshotThreads: number
  /** Into how many chunks a table is cut at least, for each connection. */
  snapshotChunksPerThread(schema: string, table: string): number
  /** Tables are not cut into chunks. */
  readonly snapshotWholeTables: boolean
  readonly snapshotResume: boolean
  readonly snapshotNewTables: boolean
  readonly snapshotDelayMs: number
  readonly streamingDelayMs: number
}

const MULTIPLIER = 'snapshot.max.threads.multiplier'

/** @param config validated before; without nulls */
export function snapshotOptions(config: ConnectorConfig): SnapshotOptions {
  const options = new ConfigDef(snapshotDefinitions).parse(config)
  const choice = <K extends keyof typeof options>(name: K): Choice<K> =>
    String(options[name]).toLowerCase() as Choice<K>
  const tables = compilePatterns(config['snapshot.include.collection.list'] ?? '')
  return {
    snapshotPolicy: snapshotPolicy(choice('snapshot.mode') as Exclude<SnapshotMode, 'custom'>, {
      data: options['snapshot.mode.configuration.based.snapshot.data'],
      onDataError: options['snapshot.mode.configuration.based.snapshot.on.data.error'],
      startStream: options['snapshot.mode.configuration.based.start.stream'],
    }),
    snapshotSelects: snapshotSelects(config),
    snapshotTableOrder: choice('snapshot.tables.order.by.row.count'),
    isTableInSnapshot: (schema, table) =>
      tables.length === 0 || tables.some((pattern) => pattern.matches(`${schema}.${table}`)),
    snapshotIsolationMode: choice('snapshot.isolation.mode'),
    snapshotLockTimeoutMs:
      choice('snapshot.locking.mode') === 'shared' ? Number(options['snapshot.lock.timeout.ms']) : 0,
    snapshotThreads: options['snapshot.max.threads'],
    snapshotChunksPerThread: (schema, table) => {
      const own = parseInt32(config[`${MULTIPLIER}.${schema}.${table}`]?.trim() ?? '')
      return own === null ? options[MULTIPLIER] : Math.max(1, Number(own))
    },
    snapshotWholeTables: options['legacy.snapshot.max.threads'],
    snapshotResume: options['snapshot.resume'],
    snapshotNewTables: choice('snapshot.new.tables') === 'auto',
    snapshotDelayMs: milliseconds(options['snapshot.delay.ms']),
    streamingDelayMs: milliseconds(options['streaming.delay.ms']),
  }
}
