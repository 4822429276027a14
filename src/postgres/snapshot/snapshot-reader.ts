import type { SourceBatch } from '../../api/source-task.ts'
import type { Relation } from '../catalog/relation.ts'
import { listTables } from '../catalog/list-tables.ts'
import { readRelations } from '../catalog/read-relations.ts'
import { BatchHandoff } from '../replication/batch-handoff.ts'
import { type SnapshotOffset, writeSourceOffset } from '../replication/source-offset.ts'
import { emitterFor, FULL_BATCH_BYTES, nowUs, type SourceSession } from '../source-session.ts'
import { CopyRowReader } from '../wire/copy-row.ts'
import { postgresFailure } from '../wire/failure.ts'
import { Tuple } from '../wire/tuple.ts'
import { CopyStream, type CopyListener } from './copy-stream.ts'
import { lockTables } from './lock-tables.ts'
import { snapshotMark } from './snapshot-marks.ts'
import type { SnapshotTransaction } from './snapshot-transaction.ts'
import { copyCommand, type TableCopy } from './table-copy.ts'

/**
 * Reads the captured tables one after the other within one transaction.
 *
 * Each row is held back until the next one is there: only then it is known whether it is the last, which its mark
 * has to say. The row held back stays where it lies, and is copied only at the end of a chunk.
 */
export class SnapshotReader implements CopyListener {
  readonly #session: SourceSession
  readonly #transaction: SnapshotTransaction
  readonly #handoff = new BatchHandoff(() => this.#take())
  readonly #rows = new CopyRowReader()
  #stream: CopyStream | null = null
  #relations: readonly Relation[] = []
  /** Oids of those that are partitioned. */
  #partitioned: ReadonlySet<number> = new Set()
  #index = -1
  #table: TableCopy | null = null
  /** The next row is its table's first. */
  #isFirstRow = true
  /** Ask for the time once for all rows of a chunk. */
  #isClockStale = true
  #heldBytes: Buffer | null = null
  /** Its table, which may be finished already. */
  #heldTable: TableCopy | null = null
  #isHeldFirst = false
  #heldStart = 0
  #heldEnd = 0
  #ownBytes = Buffer.allocUnsafeSlow(1024)
  /** Every row was emitted. */
  #isComplete = false
  /** The offset that says so was handed over. */
  #isFinished = false

  constructor(session: SourceSession, transaction: SnapshotTransaction) {
    this.#session = session
    this.#transaction = transaction
  }

  /** Where the stream goes on after the snapshot. */
  get offset(): SnapshotOffset {
    const { lsn, txId, visibility } = this.#transaction
    return {
      kind: 'snapshot',
      isCompleted: this.#isComplete,
      lsn,
      txId,
      timeUs: this.#session.position.sourceTimeUs,
      snapshotHolds: visibility?.toString() ?? null,
    }
  }

  /** Finds the tables and begins with the first. */
  async start(): Promise<void> {
    const { options, position, context } = this.#session
    const { connection, lsn, txId } = this.#transaction
    const names = await listTables(
      connection,
      (schema, table) => options.isTableIncluded(schema, table) && options.isTableInSnapshot(schema, table),
      options.publishViaPartitionRoot,
    )
    const order = { ascending: 1, descending: -1, disabled: 0 }[options.snapshotTableOrder]
    names.sort((a, b) => order * (a.estimatedRows - b.estimatedRows))
    await lockTables(connection, names)
    const relations = await readRelations(
      connection,
      names.map((table) => table.oid),
    )
    this.#relations = names.map(({ oid }) => relations.get(oid)!)
    this.#partitioned = new Set(names.flatMap(({ oid, isPartitioned }) => (isPartitioned ? [oid] : [])))
    position.lsn = lsn
    position.txId = Number(BigInt.asUintN(53, txId))
    position.lastCommitLsn = null
    position.sourceTimeUs = position.processedTimeUs = nowUs()
    context.log.info({ tables: names.length, lsn }, 'snapshot started')
    this.#stream = new CopyStream(connection, this)
    this.#nextTable()
  }

  /** Null: all of the snapshot was handed over. */
  poll(): Promise<SourceBatch | null> {
    if (this.#isFinished) return Promise.resolve(null)
    const next = this.#handoff.poll()
    this.#stream?.release()
    return next
  }

  close(): void {
    this.#handoff.close()
    this.#stream?.close()
    this.#transaction.connection.close()
  }

  row(bytes: Buffer, start: number, end: number): boolean {
    if (this.#session.batch.bytes >= FULL_BATCH_BYTES && !this.#handoff.offer()) return false
    if (this.#isClockStale) {
      this.#isClockStale = false
      this.#session.position.processedTimeUs = nowUs()
    }
    if (this.#heldBytes !== null) this.#emitHeld(this.#heldTable !== this.#table)
    this.#heldBytes = bytes
    this.#heldTable = this.#table
    this.#isHeldFirst = this.#isFirstRow
    this.#isFirstRow = false
    this.#heldStart = start
    this.#heldEnd = end
    return true
  }

  drained(): void {
    this.#keepHeld()
    if (this.#session.batch.bytes >= FULL_BATCH_BYTES) this.#handoff.offer()
    this.#isClockStale = true
  }

  finished(): void {
    this.#nextTable()
  }

  failed(error: unknown): void {
    const { options } = this.#session
    const relation = this.#table?.relation
    const what =
      relation === undefined ? 'The snapshot' : `The snapshot of "${relation.schema}"."${relation.table}"`
    const cause = error ?? new Error('the server ended the connection')
    this.#handoff.fail(postgresFailure(cause, `${options.hostname}:${options.port}`, what))
  }

  #nextTable(): void {
    this.#isFirstRow = true
    const relation = this.#relations[++this.#index]
    if (relation !== undefined) {
      this.#startTable(relation).catch((error: unknown) => this.failed(error))
      return
    }
    this.#table = null
    this.#isComplete = true
    if (this.#heldBytes !== null) this.#emitHeld(true)
    this.#stream!.close()
    this.#session.context.log.info({ tables: this.#relations.length }, 'snapshot completed')
    this.#handoff.offer()
  }

  async #startTable(relation: Relation): Promise<void> {
    const emitter = await emitterFor(this.#session, relation)
    this.#table = {
      relation,
      emitter,
      tuple: new Tuple(relation.columns.length),
      isFirst: this.#index === 0,
    }
    const { schema, table, oid } = relation
    this.#stream!.copy(
      copyCommand(relation, {
        isPartitioned: this.#partitioned.has(oid),
        select: this.#session.options.snapshotSelects.get(`${schema}.${table}`) ?? null,
      }),
    )
  }

  #emitHeld(isLastRow: boolean): void {
    const { emitter, tuple, isFirst } = this.#heldTable!
    this.#rows.read(this.#heldBytes!, this.#heldStart, this.#heldEnd, tuple)
    this.#heldBytes = null
    const isFirstRow = this.#isHeldFirst
    this.#session.position.snapshot =
      isFirstRow || isLastRow
        ? snapshotMark({ isFirstTable: isFirst, isLastOfAll: this.#isComplete, isFirstRow, isLastRow })
        : 'true'
    emitter.read(tuple)
  }

  #keepHeld(): void {
    const held = this.#heldBytes
    if (held === null || held === this.#ownBytes) return
    const length = this.#heldEnd - this.#heldStart
    if (this.#ownBytes.length < length) this.#ownBytes = Buffer.allocUnsafeSlow(length * 2)
    held.copy(this.#ownBytes, 0, this.#heldStart, this.#heldEnd)
    this.#heldBytes = this.#ownBytes
    this.#heldStart = 0
    this.#heldEnd = length
  }

  /** Full batches only, but for the last one: nobody waits for a single row of a snapshot. */
  #take(): SourceBatch | null {
    const { batch, partition } = this.#session
    const isDue = this.#isComplete ? !this.#isFinished : batch.bytes >= FULL_BATCH_BYTES
    if (!isDue) return null
    this.#isFinished = this.#isComplete
    return batch.take(partition, writeSourceOffset(this.offset))
  }
}
