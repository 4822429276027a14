import { ConfigError } from '../../api/errors.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import { PostgresConnection, type TextRow } from '../wire/connection.ts'

/** A table by its names. */
export interface TableName {
  readonly schema: string
  readonly table: string
}

/** What a chunk is part of. */
export interface ChunkOwner {
  readonly hypertable: TableName
  /** The continuous aggregate that the hypertable holds; null: it holds rows of its own. */
  readonly aggregate: TableName | null
}

const HYPERTABLES = `
  select h.id, h.schema_name, h.table_name, a.user_view_schema, a.user_view_name
  from _timescaledb_catalog.hypertable h
    left join _timescaledb_catalog.continuous_agg a on a.mat_hypertable_id = h.id`
/** From version 2.29 on chunks have no names of their own in the catalog. */
const HAS_NAMES = `
  select exists (select from pg_catalog.pg_attribute
      where attrelid = to_regclass('_timescaledb_catalog.chunk') and attname = 'table_name') as named
  from pg_catalog.pg_extension where extname = 'timescaledb'`
const NAMED_CHUNKS = 'select schema_name, table_name, hypertable_id from _timescaledb_catalog.chunk'
const CHUNKS = `
  select n.nspname as schema_name, r.relname as table_name, c.hypertable_id
  from _timescaledb_catalog.chunk c
    join pg_catalog.pg_class r on r.oid = c.relid join pg_catalog.pg_namespace n on n.oid = r.relnamespace`
/** What chunks are called unless somebody names them; the number is their hypertable's. */
const USUAL_NAME = /^_hyper_(\d{1,9})_\d+_chunk$/
const DEED = 'read the catalog of TimescaleDB'
/** A table that is no chunk may become one; until then it is not asked for with each of its rows. */
const FORGET_AFTER_MS = 60_000

/** TimescaleDB's catalog, read again for a chunk that is new. */
export class TimescaleCatalog {
  readonly #options: PostgresOptions
  readonly #closing = new AbortController()
  #owners: ReadonlyMap<string, ChunkOwner> = new Map()
  #hypertables: ReadonlyMap<string, ChunkOwner> = new Map()
  /** When each of the tables that are not among the chunks was last asked for. */
  readonly #unlisted = new Map<string, number>()
  #loading: Promise<void> | null = null

  constructor(options: PostgresOptions) {
    this.#options = options
  }

  /** Null: the table is no chunk, as far as is known. One that was dropped meanwhile is told by its name. */
  ownerOf(chunk: TableName): ChunkOwner | null {
    const [, hypertable = ''] = USUAL_NAME.exec(chunk.table) ?? []
    return this.#owners.get(keyOf(chunk)) ?? this.#hypertables.get(hypertable) ?? null
  }

  /** Null: there is nothing to wait for. */
  prepare(chunk: TableName): Promise<void> | null {
    const key = keyOf(chunk)
    if (this.#owners.has(key)) return null
    const askedMs = this.#unlisted.get(key)
    if (askedMs !== undefined && performance.now() - askedMs < FORGET_AFTER_MS) return null
    this.#loading ??= this.#load().finally(() => (this.#loading = null))
    return this.#loading.then(() => {
      if (!this.#owners.has(key)) this.#unlisted.set(key, performance.now())
    })
  }

  close(): void {
    this.#closing.abort()
  }

  async #load(): Promise<void> {
    await using connection = await PostgresConnection.open(this.#options, 'sql', {
      applicationName: 'TimescaleDB metadata',
      signal: this.#closing.signal,
    })
    const [extension] = await connection.query(HAS_NAMES, DEED)
    if (extension === undefined) {
      throw new ConfigError(
        'connect.config-invalid',
        `TimescaleDB extension is not installed in the database ${this.#options.database}: leave out the transformation, or name the connector's database in database.dbname`,
      )
    }
    const hypertables = await connection.query(HYPERTABLES, DEED)
    this.#hypertables = new Map(hypertables.map((row) => [row['id']!, ownerOf(row)]))
    const chunks = await connection.query(extension['named'] === 't' ? NAMED_CHUNKS : CHUNKS, DEED)
    this.#owners = new Map(
      chunks.flatMap((row) => {
        const owner = this.#hypertables.get(row['hypertable_id'] ?? '')
        const chunk = { schema: row['schema_name']!, table: row['table_name']! }
        return owner === undefined ? [] : [[keyOf(chunk), owner] as const]
      }),
    )
    this.#unlisted.clear()
  }
}

function ownerOf(row: TextRow): ChunkOwner {
  const { user_view_schema: schema, user_view_name: table } = row
  return {
    hypertable: { schema: row['schema_name']!, table: row['table_name']! },
    aggregate: schema == null || table == null ? null : { schema, table },
  }
}

function keyOf({ schema, table }: TableName): string {
  return JSON.stringify([schema, table])
}
