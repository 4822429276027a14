import { compilePatterns } from '../../api/java/java-pattern.ts'
import type { Relation } from '../catalog/relation.ts'

/** The places of the columns that make up a table's key, or null where nothing is said about the table. */
export type MessageKeys = (relation: Relation) => readonly number[] | null

/**
 * `message.key.columns`: `table:column,column;table:…`, all of them regular expressions. The columns come in the order of
 * the expressions; a table that several entries name gets the columns of all.
 */
export function messageKeys(text: string): MessageKeys {
  const patterns = text
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const colon = entry.indexOf(':')
      const table = entry.slice(0, colon)
      return entry
        .slice(colon + 1)
        .split(',')
        .flatMap((column) => compilePatterns(`${table.trim()}\\.${column.trim()}`))
    })
  return ({ schema, table, columns }) => {
    const places = patterns.flatMap((pattern) =>
      columns.flatMap(({ name }, place) => (pattern.matches(`${schema}.${table}.${name}`) ? [place] : [])),
    )
    return places.length === 0 ? null : [...new Set(places)]
  }
}
