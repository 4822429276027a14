import { ConnectError } from '../../api/errors.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { quoteIdentifier, quoteLiteral, quoteTable } from '../wire/sql-text.ts'

const OPERATIONS = ['insert', 'update', 'delete', 'truncate'] as const

type Operation = (typeof OPERATIONS)[number]

/**
 * Notices that somebody has taken tables or operations out of the publication: the server then leaves their changes out
 * of the stream, and says nothing. Tables that were dropped, and partitions that were detached, are nobody's loss.
 */
export class PublicationWatch {
  readonly #options: PostgresOptions
  /** Tables that are in the publication by their names, and captured. */
  #tables: ReadonlySet<string> = new Set()
  #operations: readonly Operation[] = []

  constructor(options: PostgresOptions) {
    this.#options = options
  }

  /** What cannot be captured since the look before; null: all that could. */
  async look(connection: PostgresConnection): Promise<ConnectError | null> {
    const name = quoteLiteral(this.#options.publicationName)
    const rows = await connection.query(
      `select p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, c.oid, n.nspname as schema, c.relname as table
       from pg_catalog.pg_publication p
       left join pg_catalog.pg_publication_rel r on r.prpubid = p.oid
       left join pg_catalog.pg_class c on c.oid = r.prrelid
       left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where p.pubname = ${name}`,
      'Looking at the publication',
    )
    // Without a publication the stream itself fails, with a better reason.
    if (rows.length === 0) return null
    const operations = OPERATIONS.filter((operation) => rows[0]![`pub${operation}`] === 't')
    const isCaptured = ({ schema, table }: (typeof rows)[number]): boolean =>
      schema != null && table != null && this.#options.isTableIncluded(schema, table)
    const tables = new Set(rows.filter(isCaptured).map(({ oid }) => oid!))
    const lost = this.#operations.filter(
      (operation) => !operations.includes(operation) && this.#isWanted(operation),
    )
    const gone = await this.#unpublished(
      connection,
      [...this.#tables].filter((oid) => !tables.has(oid)),
    )
    this.#tables = tables
    this.#operations = operations
    if (gone.length > 0) return this.#failure(`the tables ${gone.join(', ')} were taken out of`, gone)
    return lost.length > 0 ? this.#failure(`${lost.join(', ')} was taken out of`, []) : null
  }

  #isWanted(operation: Operation): boolean {
    const letter = ({ insert: 'c', update: 'u', delete: 'd', truncate: 't' } as const)[operation]
    return !this.#options.skippedOperations.has(letter)
  }

  /** Those that are still there, and not published in another way either. */
  async #unpublished(connection: PostgresConnection, oids: readonly string[]): Promise<string[]> {
    if (oids.length === 0) return []
    const rows = await connection.query(
      `select n.nspname as schema, c.relname as table from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where c.oid in (${oids.join(', ')}) and not c.relispartition and not exists
         (select from pg_catalog.pg_publication_tables t where t.pubname = ${quoteLiteral(this.#options.publicationName)}
          and t.schemaname = n.nspname and t.tablename = c.relname)
       order by 1, 2`,
      'Looking for tables that are not published any more',
    )
    return rows.map(({ schema, table }) => quoteTable(schema!, table!))
  }

  #failure(what: string, tables: readonly string[]): ConnectError {
    const name = quoteIdentifier(this.#options.publicationName)
    const remedy =
      tables.length > 0
        ? `ALTER PUBLICATION ${name} ADD TABLE ${tables.join(', ')}`
        : `ALTER PUBLICATION ${name} SET (publish = '…')`
    return new ConnectError(
      'postgres.publication-altered',
      `While it was streamed, ${what} the publication ${name}: changes since then are in no record. Put that back (${remedy}), restart ` +
        'the connector, and read those tables again: with an incremental snapshot, or all of them by stopping the connector, deleting ' +
        'its offsets and resuming it.',
    )
  }
}
