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

/** Only the table itself: rows of tables that inherit from it are read with those. */
export function copyCommand({ schema, table, columns }: Relation): string {
  const list = columns.map((column) => quoteIdentifier(column.name)).join(', ')
  return `COPY (SELECT ${list} FROM ONLY ${quoteTable(schema, table)}) TO STDOUT`
}
