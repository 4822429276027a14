import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../api/record.ts'
import { listTables, type TableName } from '../catalog/list-tables.ts'
import { readRelations } from '../catalog/read-relations.ts'
import { isSignalTable } from '../options/signal-options.ts'
import type { ControlConnection } from '../replication/control-connection.ts'
import { pause } from '../replication/pause.ts'
import { PublicationWatch } from '../replication/publication-watch.ts'
import { ensurePublication } from '../replication/publication.ts'
import type { SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { quoteLiteral } from '../wire/sql-text.ts'

/** Tailrace's own field of offsets: tables that were read, or are streamed since they were created. */
const FIELD = 'tailrace_tables'
const LOOK_EVERY_MS = 10_000
const WAIT_MS = 200

export interface NewTablesPorts {
  readonly control: ControlConnection
  /** Reads tables with a key beside the stream. */
  incremental(ids: readonly string[], correlationId: string): void
  /** Reads tables without one; the stream waits. */
  blocking(ids: readonly string[], correlationId: string): void
}

/**
 * `snapshot.new.tables=auto`: tables that were captured since the last look are read by themselves. Which ones are known
 * goes with the offsets; where that is not said, all are.
 */
export class NewTables {
  readonly #session: SourceSession
  readonly #ports: NewTablesPorts
  #known: Set<number> | null
  #text: string | null = null

  /** @param stored the offset that the task begins with; null: all tables were just read */
  constructor(session: SourceSession, stored: JsonObject | null, ports: NewTablesPorts) {
    this.#session = session
    this.#ports = ports
    this.#known = readOids(stored?.[FIELD])
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
      if (await this.#look(connection, { isFirst, signal })) wake()
      await pause(LOOK_EVERY_MS, signal)
    }
  }

  offset(): JsonObject {
    if (this.#known === null) return {}
    this.#text ??= writeOids(this.#known)
    return { [FIELD]: this.#text }
  }

  async #look(
    connection: PostgresConnection,
    { isFirst, signal }: { readonly isFirst: boolean; readonly signal: AbortSignal },
  ): Promise<boolean> {
    const { options, context } = this.#session
    const { tables, isForAll } = await this.#captured(connection)
    const known = this.#known
    const found = tables.filter(({ oid }) => known?.has(oid) !== true)
    if (known !== null && found.length === 0) return false
    // All that was ever in a table that was created meanwhile is in the stream.
    const isStreamed = known === null || (isForAll && !isFirst)
    const read = isStreamed
      ? []
      : found.filter(({ schema, table }) => options.isTableInSnapshot(schema, table))
    if (read.length > 0) {
      const ids = read.map(({ schema, table }) => `${schema}.${table}`)
      context.log.info({ tables: ids }, 'new tables are captured: a snapshot of them is read')
      await this.#settled(connection, signal)
      await this.#request(connection, read)
    }
    this.#known = new Set([...(known ?? []), ...found.map(({ oid }) => oid)])
    this.#text = null
    return true
  }

  /** Tables that are captured and published: of others nothing would follow the snapshot. */
  async #captured(
    connection: PostgresConnection,
  ): Promise<{ readonly tables: readonly TableName[]; readonly isForAll: boolean }> {
    const { options } = this.#session
    const name = quoteLiteral(options.publicationName)
    const [publication] = await connection.query(
      `select puballtables as all from pg_catalog.pg_publication where pubname = ${name}`,
      'Looking for the publication',
    )
    const rows = await connection.query(
      `select schemaname as schema, tablename as "table" from pg_catalog.pg_publication_tables where pubname = ${name}`,
      'Reading the tables of the publication',
    )
    const published = new Set(rows.map((row) => `${row['schema']}.${row['table']}`))
    const tables = await listTables(
      connection,
      (schema, table) =>
        options.isTableIncluded(schema, table) &&
        published.has(`${schema}.${table}`) &&
        !isSignalTable(options.signals, schema, table),
      options.publishViaPartitionRoot,
    )
    return { tables, isForAll: publication?.['all'] === 't' }
  }

  /**
   * Waits for the transactions that are running now. What they wrote before the table was published does not come with
   * the stream, and a snapshot from before their end does not see it.
   */
  async #settled(connection: PostgresConnection, signal: AbortSignal): Promise<void> {
    const snapshot = async () => {
      const [row] = await connection.query(
        'select pg_catalog.pg_snapshot_xmin(s)::text as xmin, pg_catalog.pg_snapshot_xmax(s)::text as xmax from pg_catalog.pg_current_snapshot() s',
        'Looking for running transactions',
      )
      return { xmin: BigInt(row!['xmin']!), xmax: BigInt(row!['xmax']!) }
    }
    const { xmax } = await snapshot()
    while ((await snapshot()).xmin < xmax) await pause(WAIT_MS, signal)
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

/** Each as its distance from the one before, in base 36: it goes with every offset. */
export function writeOids(oids: Iterable<number>): string {
  let last = 0
  return [...oids]
    .sort((a, b) => a - b)
    .map((oid) => {
      const distance = oid - last
      last = oid
      return distance.toString(36)
    })
    .join(' ')
}

/** Null: not what `writeOids` writes. */
export function readOids(text: unknown): Set<number> | null {
  if (typeof text !== 'string' || !/^(?:[0-9a-z]+(?: [0-9a-z]+)*)?$/.test(text)) return null
  let last = 0
  return new Set(text === '' ? [] : text.split(' ').map((distance) => (last += parseInt(distance, 36))))
}
