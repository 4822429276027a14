import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError, ConnectError } from '../../api/errors.ts'
import type { SourceBatch, SourceTaskContext } from '../../api/source-task.ts'
import type { TablePass, TableReader, WantedKeys } from '../../api/verification.ts'
import { listTables, type TableName } from '../catalog/list-tables.ts'
import { readRelations } from '../catalog/read-relations.ts'
import type { Relation } from '../catalog/relation.ts'
import { positionOfNothing } from '../envelope/change-position.ts'
import { LeftOutChanges } from '../envelope/left-out-changes.ts'
import { SourceBatchBuilder } from '../envelope/source-batch-builder.ts'
import { Notifications } from '../notification/notifications.ts'
import { parsePostgresOptions, type PostgresOptions } from '../options/postgres-options.ts'
import type { SnapshotSelect } from '../options/snapshot-selects.ts'
import { ControlConnection } from '../replication/control-connection.ts'
import { readSlot, readWalLsn, type SlotState } from '../replication/slot.ts'
import { StreamMeter } from '../replication/stream-meter.ts'
import { Timeline } from '../replication/timeline.ts'
import { SnapshotMeter } from '../snapshot/snapshot-meter.ts'
import { SnapshotReader, type SnapshotRequest } from '../snapshot/snapshot-reader.ts'
import { beginSnapshot } from '../snapshot/snapshot-transaction.ts'
import { emitterFor, type SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { parseLsn } from '../wire/lsn.ts'
import { keyedRows } from './keyed-rows.ts'

const LONGEST_WAIT_MS = 120_000
/** Of a `SnapshotReader`: no table is read in another way. */
const ALL_ROWS: SnapshotRequest['selects'] = new Map()

/** Throws `ConfigError` where the snapshot leaves out rows on purpose. */
export async function openTableReader(
  config: ConnectorConfig,
  context: SourceTaskContext,
): Promise<TableReader> {
  const options = parsePostgresOptions(config)
  if (options.snapshotSelects.size > 0) {
    throw new ConfigError(
      'connect.verify-unsupported',
      `Connector ${context.connectorName} has snapshot.select.statement.overrides: which of the rows that it leaves out are in the index cannot be known, so table and index cannot be compared.`,
    )
  }
  const reader = new PostgresTableReader(options, context)
  await reader.slot()
  return reader
}

/** Reads tables as a snapshot does, beside the slot, which is left alone. */
class PostgresTableReader implements TableReader {
  readonly #options: PostgresOptions
  readonly #context: SourceTaskContext
  readonly #control: ControlConnection

  constructor(options: PostgresOptions, context: SourceTaskContext) {
    this.#options = options
    this.#context = context
    this.#control = new ControlConnection(this.#newSession())
  }

  async slot(): Promise<SlotState> {
    const slot = await readSlot(await this.#control.get(), this.#options)
    if (slot !== null) return slot
    throw new ConnectError(
      'connect.verify-behind',
      `The replication slot "${this.#options.slotName}" does not exist: the connector ${this.#context.connectorName} has to stream before its tables can be verified.`,
    )
  }

  async feeds(isWanted: (topic: string) => boolean): Promise<'surely' | 'maybe' | 'no'> {
    const { tables, topics } = await wantedTables(this.#newSession(), await this.#control.get(), isWanted)
    if (topics.length > 0) return 'surely'
    return tables.length > 0 ? 'maybe' : 'no'
  }

  async begin(isWanted: (topic: string) => boolean, only: WantedKeys | null = null): Promise<TablePass> {
    const session = this.#newSession()
    const version = await this.#versionOfNow(await this.#control.get())
    const transaction = await beginSnapshot(session, await this.slot())
    try {
      const { tables, relations, topics } = await wantedTables(session, transaction.connection, isWanted)
      const selects =
        only === null ? ALL_ROWS : await this.#selects(transaction.connection, { tables, relations, only })
      const reader = new SnapshotReader(session, transaction, {
        tables,
        selects,
        offset: () => ({}),
        meter: new SnapshotMeter(session),
        notifications: silent(session),
      })
      await reader.start()
      return {
        tables: tables.map(({ schema, table }) => `${schema}.${table}`),
        topics,
        expectedRows:
          selects.size > 0
            ? only!(1).length
            : tables.reduce((sum, { estimatedRows }) => sum + Math.max(0, estimatedRows), 0),
        position: transaction.lsn,
        version,
        poll: (): Promise<SourceBatch | null> => reader.poll(),
        close: () => reader.close(),
      }
    } catch (error) {
      transaction.connection.close()
      throw error
    }
  }

  /** What to read in place of the tables; nothing where the keys of one of them cannot be asked for. */
  async #selects(
    connection: PostgresConnection,
    {
      tables,
      relations,
      only,
    }: {
      readonly tables: readonly TableName[]
      readonly relations: ReadonlyMap<number, Relation>
      readonly only: WantedKeys
    },
  ): Promise<SnapshotRequest['selects']> {
    const [server] = await connection.query('show server_encoding', 'Reading the encoding of the database')
    const isUtf8 = server!['server_encoding'] === 'UTF8'
    const selects = new Map<string, SnapshotSelect>()
    for (const { oid, schema, table, isPartitioned } of tables) {
      const relation = relations.get(oid)!
      const columns = this.#options.messageKey(relation) ?? relation.keyColumns
      const select = keyedRows(relation, columns, { keys: only(columns.length), isPartitioned, isUtf8 })
      if (select === null) return ALL_ROWS
      selects.set(`${schema}.${table}`, { statement: select, option: null })
    }
    return selects
  }

  async hasStreamed(position: bigint): Promise<boolean> {
    const { confirmedFlushLsn, activePid } = await this.slot()
    if (confirmedFlushLsn >= position) return true
    if (activePid === null) return false
    // Without changes the slot moves with the next status update only, which may be long in coming.
    const [walsender] = await (
      await this.#control.get()
    ).query(
      `select write_lsn::text from pg_catalog.pg_stat_replication where pid = ${activePid}`,
      'Reading how far the connector has streamed',
    )
    const written = walsender?.['write_lsn'] ?? null
    return written !== null && parseLsn(written) >= position
  }

  close(): void {
    this.#control.close()
  }

  /**
   * A position that all changes are behind which a snapshot from now on does not show. A change's version is its own
   * place in the WAL, which may be long before its commit; so those that are under way at that position are waited for.
   */
  async #versionOfNow(connection: PostgresConnection): Promise<bigint> {
    await this.#moveOn(connection)
    const lsn = await readWalLsn(connection)
    const { xmax } = await readXids(connection)
    for (const started = performance.now(); ; await delay(20, undefined, { signal: this.#context.signal })) {
      const { xmin } = await readXids(connection)
      // The record at the position itself would be one that is not shown.
      if (xmin >= xmax) return lsn - 1n
      if (performance.now() - started < LONGEST_WAIT_MS) continue
      throw new ConnectError(
        'connect.verify-behind',
        `Transaction ${xmin} has been open for ${LONGEST_WAIT_MS / 1000} s. As long as it may still change rows with positions of the past, nothing can be said of them: end it (pg_stat_activity.backend_xid), then verify again.`,
      )
    }
  }

  /**
   * Where nothing was written since the snapshot, its rows have the position of now; a transaction without changes moves it
   * on.
   */
  async #moveOn(connection: PostgresConnection): Promise<void> {
    if (this.#options.isReadOnly) return
    await connection.query(
      `select case when pg_catalog.pg_is_in_recovery() then null else pg_catalog.pg_current_xact_id() end`,
      'Moving the WAL position on',
    )
  }

  /** Of one pass: what it reads has a position and a batch of its own. */
  #newSession(): SourceSession {
    const position = positionOfNothing()
    const leftOut = new LeftOutChanges()
    const [options, context] = [this.#options, this.#context]
    return {
      options,
      context,
      partition: { server: options.topicPrefix },
      position,
      batch: new SourceBatchBuilder(),
      timeline: new Timeline(),
      meter: new StreamMeter({ context, options, position, leftOut }),
      leftOut,
      order: null,
      signal: context.signal,
    }
  }
}

async function readXids(connection: PostgresConnection): Promise<{ xmin: bigint; xmax: bigint }> {
  const [row] = await connection.query(
    `select pg_catalog.pg_snapshot_xmin(s)::text as xmin, pg_catalog.pg_snapshot_xmax(s)::text as xmax
     from pg_catalog.pg_current_snapshot() s`,
    'Reading which transactions run',
  )
  return { xmin: BigInt(row!['xmin']!), xmax: BigInt(row!['xmax']!) }
}

/** Captured tables that have rows for wanted topics, or of which only the rows could tell. */
async function wantedTables(
  session: SourceSession,
  connection: PostgresConnection,
  isWanted: (topic: string) => boolean,
): Promise<{
  readonly tables: readonly TableName[]
  readonly relations: ReadonlyMap<number, Relation>
  readonly topics: readonly string[]
}> {
  const { options, context } = session
  const captured = await listTables(
    connection,
    (schema, table) => options.isTableIncluded(schema, table),
    options.publishViaPartitionRoot,
  )
  const oids = captured.map(({ oid }) => oid)
  const relations = await readRelations(connection, oids)
  const tables: TableName[] = []
  const topics = new Set<string>()
  for (const table of captured) {
    let isRead = false
    const compile: SourceTaskContext['compile'] = async (template) => {
      const compiled = await context.compile(template)
      if (compiled.kind === 'general') isRead = true
      if (compiled.kind === 'compiled' && isWanted(compiled.topic)) {
        isRead = true
        topics.add(compiled.topic)
      }
      return compiled
    }
    await emitterFor({ ...session, context: { ...context, compile } }, relations.get(table.oid)!)
    if (isRead) tables.push(table)
  }
  return { tables, relations, topics: [...topics] }
}

/** Nobody else shall hear of this reading. */
function silent({ options, context, batch }: SourceSession): Notifications {
  const notifications = { ...options.notifications, channels: new Set<never>() }
  return new Notifications({ topicPrefix: options.topicPrefix, notifications }, context, batch)
}
