import { randomUUID } from 'node:crypto'
import type { TableName } from '../catalog/list-tables.ts'
import { publishedTables } from '../catalog/published-tables.ts'
import { readRelations } from '../catalog/read-relations.ts'
import type { ControlConnection } from '../replication/control-connection.ts'
import { pause } from '../replication/pause.ts'
import { PublicationWatch } from '../replication/publication-watch.ts'
import { ensurePublication } from '../replication/publication.ts'
import { settledTransactions } from '../replication/settled-transactions.ts'
import type { SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import type { KnownTables } from './known-tables.ts'

const LOOK_EVERY_MS = 10_000

export interface NewTablesPorts {
  readonly control: ControlConnection
  /** Reads tables with a key beside the stream. */
  incremental(ids: readonly string[], correlationId: string): void
  /** Reads tables without one; the stream waits. */
  blocking(ids: readonly string[], correlationId: string): void
}

/**
 * `snapshot.new.tables=auto`: tables that were captured since the last look are read by themselves.
 */
export class NewTables {
  readonly #session: SourceSession
  readonly #ports: NewTablesPorts
  readonly #known: KnownTables

  constructor(session: SourceSession, known: KnownTables, ports: NewTablesPorts) {
    this.#session = session
    this.#ports = ports
    this.#known = known
  }

  /**
   * Looks now, and from time to time. Rejects when the server cannot be asked, and with `postgres.publication-altered`:
   * what somebody took out of the publication is not put back before that is told.
   * @param wake what offsets say has changed
   */
  async watch(signal: AbortSignal, wake: () => void): Promise<void> {
    const { options } = this.#session
    const publication = new PublicationWatch(options)
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const connection = await this.#ports.control.get()
      const altered = await publication.look(connection)
      if (altered !== null) throw altered
      if (!isFirst) await ensurePublication(connection, options)
      const isChanged = await this.#look(connection, { isFirst, signal })
      // What counts as known is stored without waiting for a change: a task that starts before it is can only look again.
      if (isChanged || (isFirst && this.#known.isOfThisRun)) wake()
      await pause(LOOK_EVERY_MS, signal)
    }
  }

  async #look(
    connection: PostgresConnection,
    { isFirst, signal }: { readonly isFirst: boolean; readonly signal: AbortSignal },
  ): Promise<boolean> {
    const { options, context } = this.#session
    // A table is known or new only once it is published: before, nothing would follow a snapshot of it.
    const { tables, isForAll } = await publishedTables(connection, options)
    const found = tables.filter((table) => !this.#known.has(table))
    if (found.length === 0) return false
    // All that was ever in a table that was created in this run is in the stream.
    const isStreamed = isForAll && (this.#known.isOfThisRun || !isFirst)
    const read = isStreamed
      ? []
      : found.filter(({ schema, table }) => options.isTableInSnapshot(schema, table))
    if (read.length > 0) {
      const ids = read.map(({ schema, table }) => `${schema}.${table}`)
      context.log.info({ tables: ids }, 'new tables are captured: a snapshot of them is read')
      await settledTransactions(connection, { log: context.log, signal })
      await this.#request(connection, read)
    }
    this.#known.add(found)
    return true
  }

  async #request(connection: PostgresConnection, tables: readonly TableName[]): Promise<void> {
    const { options } = this.#session
    const relations = await readRelations(
      connection,
      tables.map(({ oid }) => oid),
    )
    const ids = { incremental: [] as string[], blocking: [] as string[] }
    for (const { oid, schema, table } of tables) {
      const relation = relations.get(oid)
      if (relation === undefined) continue
      const key = options.messageKey(relation) ?? relation.keyColumns
      ids[key.length > 0 ? 'incremental' : 'blocking'].push(`${schema}.${table}`)
    }
    const correlationId = randomUUID()
    if (ids.incremental.length > 0) this.#ports.incremental(ids.incremental, correlationId)
    if (ids.blocking.length > 0) this.#ports.blocking(ids.blocking, correlationId)
  }
}
