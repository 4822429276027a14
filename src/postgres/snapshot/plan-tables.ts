import type { TableName } from '../catalog/list-tables.ts'
import { readRelations } from '../catalog/read-relations.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { SnapshotSelect } from '../options/snapshot-selects.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { HeldRow } from './held-row.ts'
import { lockTables } from './lock-tables.ts'
import type { SnapshotProgress } from './snapshot-progress.ts'
import type { TableChunk } from './table-copy.ts'
import { planChunks, readStorage } from './table-chunks.ts'

/**
 * Locks tables and cuts what is not read of them into chunks, in the order of the tables.
 * @param selects what to read in place of a table, by `schema.table`
 */
export async function planTables(
  connection: PostgresConnection,
  tables: readonly TableName[],
  {
    options,
    selects,
    progress,
  }: {
    readonly options: PostgresOptions
    readonly selects: ReadonlyMap<string, SnapshotSelect>
    readonly progress: SnapshotProgress
  },
): Promise<readonly TableChunk[]> {
  const unread = tables.filter(({ oid }) => !progress.isDone(oid))
  await lockTables(connection, unread, options.snapshotLockTimeoutMs)
  const oids = unread.map(({ oid }) => oid)
  const relations = await readRelations(connection, oids)
  const storage = await readStorage(connection, oids)
  return unread.flatMap(({ oid, schema, table, isPartitioned }) => {
    const stored = storage.get(oid)!
    const { files } = stored
    const select = selects.get(`${schema}.${table}`) ?? null
    const done = progress.doneRanges(oid, files)
    const hasRanges = stored.hasRanges && select === null && !options.snapshotWholeTables
    const pieces = options.snapshotThreads * options.snapshotChunksPerThread(schema, table)
    const chunks = planChunks({ ...stored, hasRanges }, { done, pieces, xmin: progress.xmin })
    const copy = {
      relation: relations.get(oid)!,
      isPartitioned,
      select,
      files,
      output: null,
      isFirst: oid === tables[0]!.oid,
      isContinued: done.length > 0,
      chunks: chunks.length,
      unread: chunks.length,
      undone: chunks.length,
      rows: 0,
      parked: new HeldRow(),
    }
    return chunks.map((chunk) => ({ table: copy, chunk }))
  })
}
