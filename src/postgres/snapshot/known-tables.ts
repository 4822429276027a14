import type { JsonObject } from '../../api/record.ts'
import type { TableName } from '../catalog/list-tables.ts'
import { publishedTables } from '../catalog/published-tables.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { quoteTable } from '../wire/sql-text.ts'

/** Tailrace's own field of offsets. */
const FIELD = 'tailrace_tables'

/**
 * Tables that are read already, that the snapshot of this run reads, or that are streamed since they were created. With
 * `snapshot.new.tables=auto` they go with every offset, that of a snapshot's first row included: a table that is created while
 * no task runs is found to be new, whenever the task before ended.
 */
export class KnownTables {
  /** Looked up when this run began, not by an earlier one. */
  readonly isOfThisRun: boolean
  readonly #oids: Set<number>
  #text: string | null = null

  constructor(oids: Iterable<number>, isOfThisRun: boolean) {
    this.#oids = new Set(oids)
    this.isOfThisRun = isOfThisRun
  }

  /** Those that the offset names; null: it names none. */
  static stored(offset: JsonObject | null): KnownTables | null {
    const oids = readOids(offset?.[FIELD])
    return oids === null ? null : new KnownTables(oids, false)
  }

  /** What is captured and published now, but what was published only by this start. @param added quoted names */
  static async now(
    connection: PostgresConnection,
    options: PostgresOptions,
    added: readonly string[] = [],
  ): Promise<KnownTables> {
    const { tables } = await publishedTables(connection, options)
    const known = tables.filter(({ schema, table }) => !added.includes(quoteTable(schema, table)))
    return new KnownTables(
      known.map(({ oid }) => oid),
      true,
    )
  }

  has(table: TableName): boolean {
    return this.#oids.has(table.oid)
  }

  add(tables: readonly TableName[]): void {
    for (const { oid } of tables) this.#oids.add(oid)
    this.#text = null
  }

  offset(): JsonObject {
    this.#text ??= writeOids(this.#oids)
    return { [FIELD]: this.#text }
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
