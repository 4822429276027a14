import { isDeepStrictEqual } from 'node:util'
import type { CommittedChange, History, TableRow, Violation } from '../history.ts'
import { nameOf } from '../row-story.ts'

const CHECKER = 'the index is as its table'
/** Columns that are never altered. */
const ALWAYS = ['id', 'version', 'stamp', 'name', 'note']

/** Each row has its document, as the row is now, and there are no others. */
export function tableEqualsIndex(history: History): Violation[] {
  const documents = new Map(history.of('document').map((found) => [`${found.table} ${found.id}`, found]))
  const altered = lastAltered(history)
  const wrong = history.of('row').flatMap((row): Violation[] => {
    const id = `${row.table} ${row.key}`
    const fields = documents.get(id)?.fields
    documents.delete(id)
    const what =
      fields === undefined ? 'has no document' : difference(row, fields, altered.get(row.table) ?? 0)
    return what === null ? [] : [{ checker: CHECKER, where: nameOf(row), what }]
  })
  if (documents.size === 0) return wrong
  const goneInGap = removedInGaps(history)
  const extra = [...documents.values()].flatMap(({ table, id, fields }): Violation[] => {
    if (goneInGap.has(`${table} ${id}`) || goneInGap.has(table)) return []
    const what = `has a document of version ${String(fields['version'])}, and no row`
    return [{ checker: CHECKER, where: `table ${table}, key ${id}`, what }]
  })
  return [...wrong, ...extra]
}

/** DDL writes no row: a document tells of columns as they were at its version, and all of them only if that is younger. */
function difference({ columns }: TableRow, fields: TableRow['columns'], alteredAt: number): string | null {
  const isYounger = Number(columns['version']) > alteredAt
  for (const name of isYounger ? Object.keys(columns) : ALWAYS) {
    if (isDeepStrictEqual(columns[name] ?? null, fields[name] ?? null)) continue
    return `has ${name} ${JSON.stringify(columns[name])} in the table and ${JSON.stringify(fields[name])} in the index (version ${String(columns['version'])})`
  }
  return null
}

/** The version at which each table was altered for the last time. */
function lastAltered(history: History): Map<string, number> {
  const last = new Map<string, number>()
  for (const { op, table, version } of history.of('change')) {
    if (op === 'ddl') last.set(table, Math.max(last.get(table) ?? 0, version!))
  }
  return last
}

/** Rows (`t1 7`) and whole tables (`t1`) that went while nobody could tell. */
function removedInGaps(history: History): Set<string> {
  const isRemoval = ({ op, seq }: CommittedChange): boolean =>
    (op === 'd' || op === 't') && history.isInGap(seq)
  return new Set(
    history
      .of('change')
      .filter(isRemoval)
      .map(({ table, key }) => (key === null ? table : `${table} ${key}`)),
  )
}
