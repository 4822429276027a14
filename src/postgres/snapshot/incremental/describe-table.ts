import { listTables, type TableName } from '../../catalog/list-tables.ts'
import { readRelations } from '../../catalog/read-relations.ts'
import type { Relation } from '../../catalog/relation.ts'
import type { Notifications } from '../../notification/notifications.ts'
import type { ControlConnection } from '../../replication/control-connection.ts'
import { emitterFor, type SourceSession } from '../../source-session.ts'
import type { PostgresConnection } from '../../wire/connection.ts'
import { postgresFailure, sqlState } from '../../wire/failure.ts'
import { type ChunkReader, isRefused } from './chunk-reader.ts'
import {
  countQuery,
  fingerprintExpression,
  maximumKeyQuery,
  type ChunkedTable,
  type KeyTexts,
} from './chunk-query.ts'
import { identityColumns, type WindowTable } from './chunk-window.ts'
import type { SnapshotCollection } from './incremental-progress.ts'

export type DescribedTable =
  | { readonly kind: 'table'; readonly table: CollectionTable; readonly maximumKey: KeyTexts | null }
  | { readonly kind: 'skipped'; readonly status: 'NO_PRIMARY_KEY' | 'UNKNOWN_SCHEMA' | 'SQL_EXCEPTION' }

/** A table of the snapshot, and how far it is. */
export class CollectionTable {
  readonly window: WindowTable
  /** How many rows it had when its snapshot began; null: nobody wants to know. */
  readonly #total: number | null
  readonly #chunkSize: number
  #rows = 0
  #chunks = 0

  constructor(window: WindowTable, total: number | null, chunkSize: number) {
    this.window = window
    this.#total = total
    this.#chunkSize = chunkSize
  }

  get counts(): { readonly rows: number; readonly total: number | null } {
    return { rows: this.#rows, total: this.#total }
  }

  chunkEmitted(rows: number): { readonly chunk: number; readonly chunks: number; readonly total: number } {
    this.#rows += rows
    const total = this.#total ?? 0
    return { chunk: ++this.#chunks, chunks: Math.ceil(total / this.#chunkSize), total }
  }
}

/** Looks a table up, and what it takes to read it in chunks. */
export async function describeTable(
  session: SourceSession,
  deps: {
    readonly control: ControlConnection
    readonly notifications: Notifications
    readonly reader: ChunkReader
  },
  collection: SnapshotCollection,
): Promise<DescribedTable> {
  const { options, context } = session
  const { id, surrogateKey } = collection
  const connection = await deps.control.get()
  const [name] = await listTables(
    connection,
    (schema, table) => `${schema}.${table}` === id && options.isTableIncluded(schema, table),
    options.publishViaPartitionRoot,
  )
  // Before the definition is: if it changes in between, the chunks' own fingerprints tell.
  const fingerprint = name && (await readFingerprint(connection, name))
  const relation = name && (await readRelations(connection, [name.oid])).get(name.oid)
  if (name === undefined || relation === undefined || fingerprint == null) {
    context.log.warn(
      { table: id },
      'a table of an incremental snapshot does not exist, or is not captured: it is skipped',
    )
    return { kind: 'skipped', status: 'UNKNOWN_SCHEMA' }
  }
  const key = chunkKey(relation, { surrogateKey, message: options.messageKey(relation) })
  if (key === null) {
    context.log.warn(
      { table: id, surrogateKey },
      surrogateKey === null
        ? 'the incremental snapshot of a table without a key is skipped: name a surrogate-key, or use a blocking snapshot'
        : 'the surrogate key of an incremental snapshot is not a column of the table: it is skipped',
    )
    return { kind: 'skipped', status: 'NO_PRIMARY_KEY' }
  }
  const chunked: ChunkedTable = {
    relation,
    isPartitioned: name.isPartitioned,
    ...key,
    condition: collection.condition,
  }
  const emitter = await emitterFor(session, relation)
  try {
    const queries = [maximumKeyQuery(chunked), ...(deps.notifications.isEnabled ? [countQuery(chunked)] : [])]
    const [maximum, counted] = await deps.reader.select(queries)
    const rows = counted?.[0] == null ? null : Number(counted[0])
    const window: WindowTable = { ...chunked, emitter, fingerprint, identity: identityColumns(relation) }
    return {
      kind: 'table',
      table: new CollectionTable(window, rows, options.incremental.chunkSize),
      maximumKey: maximum ?? null,
    }
  } catch (error) {
    if (!isRefused(error)) throw error
    context.log.warn(
      { table: id, err: error },
      'the incremental snapshot of a table failed: it is skipped, streaming goes on',
    )
    return { kind: 'skipped', status: 'SQL_EXCEPTION' }
  }
}

/** Null: the table is not there any more. */
async function readFingerprint(connection: PostgresConnection, name: TableName): Promise<string | null> {
  try {
    const [row] = await connection.rawQuery(`SELECT ${fingerprintExpression(name)} AS fingerprint`)
    return row?.['fingerprint'] ?? null
  } catch (error) {
    // No such table, no such schema: it was dropped since it was listed.
    if (sqlState(error) === '42P01' || sqlState(error) === '3F000') return null
    throw postgresFailure(error, connection.server, 'Reading the definition of a table')
  }
}

/** The columns to read in the order of; null: there are none. */
function chunkKey(
  relation: Relation,
  {
    surrogateKey,
    message,
  }: { readonly surrogateKey: string | null; readonly message: readonly number[] | null },
): Pick<ChunkedTable, 'keyColumns' | 'isKeyUnique'> | null {
  const { columns, keyColumns } = relation
  if (surrogateKey !== null) {
    const place = columns.findIndex(({ name }) => name === surrogateKey)
    return place < 0 ? null : { keyColumns: [place], isKeyUnique: false }
  }
  if (keyColumns.length > 0) {
    return { keyColumns, isKeyUnique: keyColumns.every((place) => columns[place]!.notNull) }
  }
  return message === null || message.length === 0 ? null : { keyColumns: message, isKeyUnique: false }
}
