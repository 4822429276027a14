import type { JsonObject } from '../../api/record.ts'
import type { SourceBatch } from '../../api/source-task.ts'
import type { TableName } from '../catalog/list-tables.ts'
import { BatchHandoff } from '../replication/batch-handoff.ts'
import type { SnapshotSelect } from '../options/snapshot-selects.ts'
import { emitterFor, nowUs, type SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { postgresFailure } from '../wire/failure.ts'
import { quoteTable } from '../wire/sql-text.ts'
import { Tuple } from '../wire/tuple.ts'
import { planTables } from './plan-tables.ts'
import { selectMistake } from './select-mistake.ts'
import { SnapshotLane, type LaneOwner } from './snapshot-lane.ts'
import type { Notifications } from '../notification/notifications.ts'
import type { SnapshotMeter } from './snapshot-meter.ts'
import { SnapshotRows } from './snapshot-rows.ts'
import { exportSnapshot, joinSnapshot, type SnapshotTransaction } from './snapshot-transaction.ts'
import type { TableChunk, TableCopy, TableOutput } from './table-copy.ts'

/**
 * Emitters of the chunks that come next are made while others are read, many at once when few are left: a new topic
 * takes its time, many together hardly more.
 */
const LEAST_CHUNKS_AHEAD = 32
const CHUNKS_PREPARED_TOGETHER = 64

/** What is read, and what for. */
export interface SnapshotRequest {
  /** In this order. */
  readonly tables: readonly TableName[]
  /** What to read in place of a table, by `schema.table`. */
  readonly selects: ReadonlyMap<string, SnapshotSelect>
  /** The source offset for all that was emitted up to now. */
  readonly offset: (isCompleted: boolean) => JsonObject
  readonly meter: SnapshotMeter
  readonly notifications: Notifications
}

/**
 * Reads tables within one transaction, chunk by chunk. Over one connection their rows come table after table, as they
 * lie there; over several as they arrive. What is done is noted in the transaction's progress.
 */
export class SnapshotReader implements LaneOwner {
  readonly rows: SnapshotRows
  readonly #session: SourceSession
  readonly #transaction: SnapshotTransaction
  readonly #request: SnapshotRequest
  readonly #batchBytes: number
  readonly #handoff = new BatchHandoff(() => this.#take())
  readonly #outputs = new Map<TableCopy, Promise<TableOutput>>()
  readonly #tableNames: readonly string[]
  /** Tables of which a chunk was begun. */
  readonly #begun = new Set<TableCopy>()
  #lanes: readonly SnapshotLane[] = []
  #chunks: readonly TableChunk[] = []
  /** The next chunk that nobody reads. */
  #next = 0
  /** The next chunk whose emitters nobody has asked for. */
  #prepared = 0
  #idleLanes = 0
  /** Every row was emitted. */
  #isComplete = false
  /** The offset that says so was handed over. */
  #isFinished = false

  constructor(session: SourceSession, transaction: SnapshotTransaction, request: SnapshotRequest) {
    this.#session = session
    this.#transaction = transaction
    this.#request = request
    this.#batchBytes = session.options.batchBytes
    this.rows = new SnapshotRows(session.position, transaction.progress, {
      chunkDone: (table) => request.meter.chunkDone(table),
      tableRead: ({ relation }, rows) =>
        request.notifications.snapshotTableCompleted(nameOf(relation), this.#tableNames, rows),
      tableDone: (table) => {
        this.#outputs.delete(table)
        request.meter.tableDone()
      },
    })
    this.#tableNames = request.tables.map(nameOf)
  }

  /** Locks the tables, cuts them into chunks and begins to read. */
  async start(): Promise<void> {
    const { position, context, options } = this.#session
    const { connection, lsn, txId, progress } = this.#transaction
    const { tables, selects, meter, notifications } = this.#request
    notifications.snapshotStarted()
    notifications.snapshotTablesResolved(this.#tableNames)
    this.#chunks = await planTables(connection, tables, { options, selects, progress })
    const others = await this.#openOthers()
    position.lsn = lsn
    position.txId = Number(BigInt.asUintN(53, txId))
    position.lastCommitLsn = null
    position.sourceTimeUs = position.processedTimeUs = nowUs()
    const remaining = tables.filter(({ oid }) => !progress.isDone(oid))
    const expectedRows = remaining.reduce((sum, { estimatedRows }) => sum + Math.max(0, estimatedRows), 0)
    meter.started({ total: tables.length, remaining: remaining.length, expectedRows })
    context.log.info(
      {
        tables: remaining.length,
        chunks: this.#chunks.length,
        connections: others.length + 1,
        expectedRows,
        lsn,
      },
      'snapshot started',
    )
    this.rows.isParallel = others.length > 0
    this.#lanes = [connection, ...others].map((each) => new SnapshotLane(each, this))
    for (const lane of this.#lanes) this.finished(lane)
  }

  /** Null: all of the snapshot was handed over. */
  poll(): Promise<SourceBatch | null> {
    if (this.#isFinished) return Promise.resolve(null)
    const next = this.#handoff.poll()
    for (const lane of this.#lanes) lane.release()
    return next
  }

  close(): void {
    if (!this.#isComplete) this.#request.meter.aborted()
    this.#handoff.close()
    for (const lane of this.#lanes) lane.close()
    this.#transaction.connection.close()
  }

  hasRoom(): boolean {
    return this.#session.batch.bytes < this.#batchBytes || this.#handoff.offer()
  }

  drained({ table }: TableChunk, rows: number): void {
    this.rows.drained()
    if (rows > 0) this.#request.meter.read(table, rows)
    if (this.#session.batch.bytes >= this.#batchBytes) this.#handoff.offer()
  }

  /** The lane is free. */
  finished(lane: SnapshotLane): void {
    const chunk = this.#chunks[this.#next++]
    if (chunk !== undefined) {
      this.#prepareOutputs()
      this.#copy(lane, chunk).catch((error: unknown) => this.failed(error, chunk))
      return
    }
    if (++this.#idleLanes < this.#lanes.length) return
    this.rows.end()
    this.#isComplete = true
    for (const each of this.#lanes) each.close()
    this.#request.meter.completed()
    this.#request.notifications.snapshotCompleted()
    this.#handoff.offer()
  }

  failed(error: unknown, chunk: TableChunk | null): void {
    const { options } = this.#session
    const relation = chunk?.table.relation
    const what =
      relation === undefined
        ? 'The snapshot'
        : `The snapshot of ${quoteTable(relation.schema, relation.table)}`
    const cause = error ?? new Error('the server ended the connection')
    const mistake = chunk === null ? null : selectMistake(cause, chunk.table)
    this.#handoff.fail(mistake ?? postgresFailure(cause, `${options.hostname}:${options.port}`, what))
  }

  async #copy(lane: SnapshotLane, chunk: TableChunk): Promise<void> {
    if (!this.#begun.has(chunk.table)) {
      this.#begun.add(chunk.table)
      this.#request.notifications.snapshotTableInProgress(nameOf(chunk.table.relation), this.#tableNames)
    }
    chunk.table.output ??= await this.#output(chunk.table)
    lane.copy(chunk)
  }

  #prepareOutputs(): void {
    if (this.#prepared - this.#next >= LEAST_CHUNKS_AHEAD) return
    const from = Math.max(this.#next, this.#prepared)
    this.#prepared = from + CHUNKS_PREPARED_TOGETHER
    for (const { table } of this.#chunks.slice(from, this.#prepared)) void this.#output(table)
  }

  #output(table: TableCopy): Promise<TableOutput> {
    let output = this.#outputs.get(table)
    if (output === undefined) {
      const { relation } = table
      output = emitterFor(this.#session, relation).then((emitter) => ({
        emitter,
        tuple: new Tuple(relation.columns.length),
      }))
      // Whoever reads the table hears of a failure.
      output.catch(() => {})
      this.#outputs.set(table, output)
    }
    return output
  }

  /** Connections beside that of the transaction, as many as there is work for. */
  async #openOthers(): Promise<readonly PostgresConnection[]> {
    const count = Math.min(this.#session.options.snapshotThreads, this.#chunks.length) - 1
    if (count < 1) return []
    const name = await exportSnapshot(this.#transaction.connection)
    return Promise.all(Array.from({ length: count }, () => joinSnapshot(this.#session, name)))
  }

  /** Full batches only, but for the last one: nobody waits for a single row of a snapshot. */
  #take(): SourceBatch | null {
    const { batch, partition } = this.#session
    const isDue = this.#isComplete ? !this.#isFinished : batch.bytes >= this.#batchBytes
    if (!isDue) return null
    this.#isFinished = this.#isComplete
    this.#request.meter.handedOver(batch.bytes)
    return batch.take(partition, this.#request.offset(this.#isComplete))
  }
}

function nameOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${schema}.${table}`
}
