import type { SourceBatch } from '../../api/source-task.ts'
import { listTables } from '../catalog/list-tables.ts'
import type { ControlConnection } from '../replication/control-connection.ts'
import { pause } from '../replication/pause.ts'
import { usableSlot } from '../replication/slot.ts'
import { type SnapshotOffset, writeSourceOffset } from '../replication/source-offset.ts'
import type { SourceSession } from '../source-session.ts'
import type { Notifications } from '../notification/notifications.ts'
import type { SnapshotMeter } from './snapshot-meter.ts'
import type { KnownTables } from './known-tables.ts'
import { SnapshotProgress } from './snapshot-progress.ts'
import { SnapshotReader } from './snapshot-reader.ts'
import { isSignalTable } from '../options/signal-options.ts'
import { beginSnapshot, resumeSnapshot, type SnapshotTransaction } from './snapshot-transaction.ts'

/** The snapshot that a task begins with: all captured tables, and where the stream goes on after them. */
export class InitialSnapshot {
  readonly #session: SourceSession
  readonly #transaction: SnapshotTransaction
  readonly #reader: SnapshotReader

  private constructor(session: SourceSession, transaction: SnapshotTransaction, reader: SnapshotReader) {
    this.#session = session
    this.#transaction = transaction
    this.#reader = reader
  }

  /** @param resume one that was interrupted and can go on */
  static async begin(
    session: SourceSession,
    control: ControlConnection,
    deps: {
      readonly resume: SnapshotOffset | null
      /** What goes with offsets; null: nothing does. */
      readonly known: KnownTables | null
      readonly meter: SnapshotMeter
      readonly notifications: Notifications
    },
  ): Promise<InitialSnapshot> {
    const { options, signal, context } = session
    const { resume, known, meter, notifications } = deps
    await pause(options.snapshotDelayMs, signal)
    const progress = resume?.progress == null ? null : SnapshotProgress.parse(resume.progress)
    const isResumed = progress !== null && !progress.isEmpty
    if (isResumed) context.log.info({ lsn: resume!.lsn }, 'going on with an interrupted snapshot')
    const transaction = isResumed
      ? await resumeSnapshot(session, { ...resume!, progress })
      : await beginSnapshot(session, await usableSlot(await control.get(), options))
    try {
      const tables = await listTables(
        transaction.connection,
        (schema, table) =>
          options.isTableIncluded(schema, table) &&
          options.isTableInSnapshot(schema, table) &&
          // Signals are for the stream alone: those of the past were obeyed, or nobody waits for them.
          !isSignalTable(options.signals, schema, table),
        options.publishViaPartitionRoot,
      )
      const order = { ascending: 1, descending: -1, disabled: 0 }[options.snapshotTableOrder]
      tables.sort((a, b) => order * (a.estimatedRows - b.estimatedRows))
      const reader = new SnapshotReader(session, transaction, {
        tables,
        selects: options.snapshotSelects,
        offset: (isCompleted) => ({
          ...writeSourceOffset(offsetOf(session, transaction, isCompleted)),
          ...known?.offset(),
        }),
        meter,
        notifications,
      })
      await reader.start()
      return new InitialSnapshot(session, transaction, reader)
    } catch (error) {
      transaction.connection.close()
      throw error
    }
  }

  /** Null: all of it was handed over; the stream goes on at `offset`. */
  poll(): Promise<SourceBatch | null> {
    return this.#reader.poll()
  }

  get offset(): SnapshotOffset {
    return offsetOf(this.#session, this.#transaction, true)
  }

  close(): void {
    this.#reader.close()
  }
}

function offsetOf(
  { position }: SourceSession,
  { lsn, txId, visibility, progress }: SnapshotTransaction,
  isCompleted: boolean,
): SnapshotOffset {
  return {
    kind: 'snapshot',
    isCompleted,
    lsn,
    txId,
    timeUs: position.sourceTimeUs,
    snapshotHolds: visibility?.toString() ?? null,
    progress: isCompleted ? null : progress.toString(),
  }
}
