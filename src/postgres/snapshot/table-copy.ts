import type { RelationEmitter } from '../envelope/relation-emitter.ts'
import type { Column, Relation } from '../catalog/relation.ts'
import type { SnapshotSelect } from '../options/snapshot-selects.ts'
import { quoteIdentifier, quoteTable } from '../wire/sql-text.ts'
import type { Tuple } from '../wire/tuple.ts'
import type { HeldRow } from './held-row.ts'
import { chunkCondition, type Chunk } from './table-chunks.ts'

/** A table of the snapshot while it is read. */
export interface TableCopy {
  readonly relation: Relation
  readonly isPartitioned: boolean
  /** What to read in its place, or null. */
  readonly select: SnapshotSelect | null
  /** See `TableStorage`. */
  readonly files: string
  /** Where the rows go; null until it is about to be read. */
  output: TableOutput | null
  /** The first of all tables. */
  readonly isFirst: boolean
  /** A part of it was read before an interruption. */
  readonly isContinued: boolean
  /** Into how many chunks what is to be read of it was cut. */
  readonly chunks: number
  /** Those that are not read to their end. */
  unread: number
  /** Those whose rows are not all emitted. */
  undone: number
  /** Rows emitted. */
  rows: number
  /** The last row of a chunk that is read, until it is known whether one follows. */
  readonly parked: HeldRow
}

export interface TableOutput {
  readonly emitter: RelationEmitter
  readonly tuple: Tuple
}

/** A chunk and the table that it belongs to. */
export interface TableChunk {
  readonly table: TableCopy
  readonly chunk: Chunk
}

/**
 * Only the table itself, unless it is partitioned: rows of tables that inherit from it are read with those. From a
 * partitioned one the same blocks of all its partitions: its user need not have rights on each of them.
 */
export function copyCommand({ table, chunk }: TableChunk): string {
  const { relation, isPartitioned, select } = table
  const { schema, columns } = relation
  if (select !== null) {
    // A line of its own for the parenthesis: the statement may end with a comment.
    return `COPY (SELECT ${columns.map(columnOfSelect).join(', ')} FROM (${select.statement}\n) AS rows) TO STDOUT`
  }
  const list = columns.map((column) => quoteIdentifier(column.name)).join(', ')
  const rows = `${isPartitioned ? '' : 'ONLY '}${quoteTable(schema, relation.table)}`
  const condition = chunkCondition(chunk)
  const where = condition === null ? '' : ` WHERE ${condition}`
  return `COPY (SELECT ${list} FROM ${rows}${where}) TO STDOUT`
}

/**
 * Values are written by the type of the table's column: what is of another type would be taken for what it is not.
 * Without a length, which would cut values off; quoted, `bit` has none. Types of other schemas may not be used by all
 * who may read the table.
 */
function columnOfSelect({ name, type }: Column): string {
  const column = quoteIdentifier(name)
  return type.schema === 'pg_catalog' ? `${column}::${quoteTable(type.schema, type.name)}` : column
}
