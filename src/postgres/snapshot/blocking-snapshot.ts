import type { JsonObject } from '../../api/record.ts'
import type { SourceBatch } from '../../api/source-task.ts'
import { listTables } from '../catalog/list-tables.ts'
import type { Notifications } from '../notification/notifications.ts'
import type { SnapshotSelect } from '../options/snapshot-selects.ts'
import type { ControlConnection } from '../replication/control-connection.ts'
import { usableSlot } from '../replication/slot.ts'
import type { BlockingRequest } from '../signal/blocking-queue.ts'
import { conditionOf } from '../signal/snapshot-request.ts'
import type { SourceSession } from '../source-session.ts'
import type { SnapshotMeter } from './snapshot-meter.ts'
import { SnapshotReader } from './snapshot-reader.ts'
import { beginSnapshot } from './snapshot-transaction.ts'

/** A snapshot of some tables that a signal asked for; the stream waits meanwhile, and goes on where it was. */
export class BlockingSnapshot {
  readonly #session: SourceSession
  readonly #reader: SnapshotReader
  /** Where the stream was. */
  readonly #streamed: SourceSession['position']

  private constructor(session: SourceSession, reader: SnapshotReader, streamed: SourceSession['position']) {
    this.#session = session
    this.#reader = reader
    this.#streamed = streamed
  }

  /** @param offset of the stream: it goes on there, also after a crash in between */
  static async begin(
    session: SourceSession,
    control: ControlConnection,
    deps: {
      readonly blocking: BlockingRequest
      readonly offset: (isCompleted: boolean) => JsonObject
      readonly meter: SnapshotMeter
      readonly notifications: Notifications
    },
  ): Promise<BlockingSnapshot> {
    const { options, position } = session
    const { blocking, offset, meter, notifications } = deps
    const streamed = { ...position }
    const transaction = await beginSnapshot(session, await usableSlot(await control.get(), options))
    try {
      const wanted = new Set(blocking.tables)
      const tables = await listTables(
        transaction.connection,
        (schema, table) => options.isTableIncluded(schema, table) && wanted.has(`${schema}.${table}`),
        options.publishViaPartitionRoot,
      )
      const found = new Set(tables.map(({ schema, table }) => `${schema}.${table}`))
      const missing = blocking.tables.filter((id) => !found.has(id))
      if (missing.length > 0) {
        session.context.log.warn(
          { id: blocking.id, tables: missing },
          'tables of a blocking snapshot do not exist, or are not captured: they are skipped',
        )
      }
      const reader = new SnapshotReader(session, transaction, {
        tables,
        selects: selectsOf(blocking),
        offset: (isCompleted) => ({
          ...offset(isCompleted),
          snapshot: 'BLOCKING',
          last_snapshot_record: isCompleted,
          snapshot_completed: isCompleted,
        }),
        meter,
        notifications,
      })
      await reader.start()
      return new BlockingSnapshot(session, reader, streamed)
    } catch (error) {
      transaction.connection.close()
      Object.assign(position, streamed)
      throw error
    }
  }

  /** Null: it is over. */
  async poll(): Promise<SourceBatch | null> {
    const batch = await this.#reader.poll()
    if (batch === null) this.close()
    return batch
  }

  /** The stream's position is the session's again. */
  close(): void {
    this.#reader.close()
    Object.assign(this.#session.position, this.#streamed)
  }
}

/** A filter of a blocking snapshot is the whole statement that the table is read with. */
function selectsOf({ tables, request }: BlockingRequest): ReadonlyMap<string, SnapshotSelect> {
  return new Map(
    tables.flatMap((id) => {
      const filter = conditionOf(request, id)
      return filter === null ? [] : [[id, { statement: filter, option: null }] as const]
    }),
  )
}
