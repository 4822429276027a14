import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Query } from '../query/query.ts'
import { SourceDocument } from '../query/source-document.ts'
import type { SearchIndex } from '../store/search-index.ts'

/** A scan lets everything else run after this long: SQLite works on this thread, and so does indexing. */
const SLICE_MS = 8
const ROWS_BETWEEN_LOOKS = 64

export interface Scanned {
  readonly index: SearchIndex
  readonly query: Query
}

/**
 * Shows `visit` every document that the query's candidates allow, in the order they came. One row is held at a time.
 * The connection must hold a read transaction: a scan pauses, and must go on in the same snapshot.
 */
export async function scan(
  connection: DatabaseSync,
  { index, query }: Scanned,
  { signal, visit }: { signal: AbortSignal; visit: (document: SourceDocument) => void },
): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS
  let rows = 0
  for (const row of candidateRows(connection, { index, query })) {
    visit(new SourceDocument(Number(row['row_id']), row['id'] as string, row['source'] as string))
    if (++rows % ROWS_BETWEEN_LOOKS !== 0 || performance.now() < sliceEnd) continue
    await setImmediate()
    signal.throwIfAborted()
    sliceEnd = performance.now() + SLICE_MS
  }
}

type Row = Readonly<Record<string, unknown>>

function candidateRows(connection: DatabaseSync, { index, query }: Scanned): Iterable<Row> {
  const documents = index.tableName('documents')
  const { candidates } = query
  switch (candidates.kind) {
    case 'none':
      return []
    case 'all':
      return connection.prepare(`SELECT row_id, id, source FROM ${documents} ORDER BY row_id`).iterate()
    case 'ids':
      return rowsById(connection, documents, candidates.ids)
    case 'terms': {
      const terms = index.tableName('terms')
      return connection
        .prepare(
          `SELECT row_id, id, source FROM ${terms} JOIN ${documents} ON row_id = ${terms}.rowid WHERE ${terms} MATCH ?`,
        )
        .iterate(candidates.expression)
    }
  }
}

/** In the order they came, whatever the order they were asked for in. */
function* rowsById(connection: DatabaseSync, documents: string, ids: readonly string[]): Generator<Row> {
  const rowIdOf = connection.prepare(`SELECT row_id FROM ${documents} WHERE id = ?`)
  const rowIds = ids.flatMap((id) => rowIdOf.get(id)?.['row_id'] ?? []).map(Number)
  const read = connection.prepare(`SELECT row_id, id, source FROM ${documents} WHERE row_id = ?`)
  for (const rowId of rowIds.sort((a, b) => a - b)) yield read.get(rowId)!
}
