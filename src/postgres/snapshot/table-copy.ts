import type { RelationEmitter } from '../envelope/relation-emitter.ts'
import type { Relation } from '../catalog/relation.ts'
import { quoteIdentifier, quoteTable } from '../wire/sql-text.ts'
import type { Tuple } from '../wire/tuple.ts'

/** A table of the snapshot, ready to be read. */
export interface TableCopy {
  readonly relation: Relation
  readonly emitter: RelationEmitter
  readonly tuple: Tuple
  readonly isFirst: boolean
}

/**
 * Only the table itself, unless it is partitioned: rows of tables that inherit from it are read with those.
 * @param select what to read in its place
 */
export function copyCommand(
  { schema, table, columns }: Relation,
  { isPartitioned, select }: { readonly isPartitioned: boolean; readonly select: string | null },
): string {
  const list = columns.map((column) => quoteIdentifier(column.name)).join(', ')
  const rows = `${isPartitioned ? '' : 'ONLY '}${quoteTable(schema, table)}`
  // A line of its own for the parenthesis: the statement may end with a comment.
  return `COPY (SELECT ${list} FROM ${select === null ? rows : `(${select}\n) AS rows`}) TO STDOUT`
}
