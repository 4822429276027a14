import type { Relation } from '../../catalog/relation.ts'
import { quoteIdentifier, quoteLiteral, quoteTable } from '../../wire/sql-text.ts'

/** Values of the key's columns as PostgreSQL's text. */
export type KeyTexts = readonly (string | null)[]

/** A table that is read chunk by chunk. */
export interface ChunkedTable {
  readonly relation: Relation
  readonly isPartitioned: boolean
  /** Places of the columns that give the order. */
  readonly keyColumns: readonly number[]
  /** No two rows have the same key. */
  readonly isKeyUnique: boolean
  /** SQL that rows must satisfy. Trusted: whoever may send signals may read with the connector's rights. */
  readonly condition: string | null
}

export interface ChunkBounds {
  /** The last key of the chunk before. */
  readonly after: KeyTexts | null
  readonly upTo: KeyTexts
  readonly limit: number
}

/** COPY of the next rows in the order of the key. */
export function chunkCopy(table: ChunkedTable, { after, upTo, limit }: ChunkBounds): string {
  const { relation, keyColumns, isKeyUnique } = table
  const columns = relation.columns.map(({ name }) => quoteIdentifier(name)).join(', ')
  const conditions = [
    ...(after === null ? [] : [isAfter(table, after)]),
    `NOT ${isAfter(table, upTo)}`,
    ...(table.condition === null ? [] : [`(${table.condition}\n)`]),
  ]
  const order = keyColumns.map((place) => quoteIdentifier(relation.columns[place]!.name)).join(', ')
  // Rows of the same key must not be parted: the next chunk begins behind that key.
  const count = isKeyUnique ? `LIMIT ${limit}` : `FETCH FIRST ${limit} ROWS WITH TIES`
  return `COPY (SELECT ${columns} FROM ${source(table)} WHERE ${conditions.join(' AND ')} ORDER BY ${order} ${count}) TO STDOUT`
}

/** The last key of the table: rows behind it come later, and the stream has them. */
export function maximumKeyQuery(table: ChunkedTable): string {
  const names = table.keyColumns.map((place) => quoteIdentifier(table.relation.columns[place]!.name))
  const list = names.map((name, i) => `${name}::text AS c${i}`)
  return `SELECT ${list.join(', ')} FROM ${source(table)}${where(table)} ORDER BY ${names.map((name) => `${name} DESC`).join(', ')} LIMIT 1`
}

export function countQuery(table: ChunkedTable): string {
  return `SELECT count(*)::text AS rows FROM ${source(table)}${where(table)}`
}

/** Locks the table against changes of its definition as long as the transaction lasts. */
export function lockQuery(table: ChunkedTable): string {
  return `SELECT FROM ${source(table)} LIMIT 0`
}

/** One text that is another one whenever columns, types or the table itself are others. */
export function fingerprintExpression({ schema, table }: Pick<Relation, 'schema' | 'table'>): string {
  return `(SELECT c.oid::text || c.relreplident::text || ':' || coalesce(array_agg((a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull) ORDER BY a.attnum)::text, '')
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid = ${quoteLiteral(quoteTable(schema, table))}::pg_catalog.regclass GROUP BY c.oid, c.relreplident)`
}

function source({ relation, isPartitioned }: ChunkedTable): string {
  return `${isPartitioned ? '' : 'ONLY '}${quoteTable(relation.schema, relation.table)}`
}

function where({ condition }: ChunkedTable): string {
  return condition === null ? '' : ` WHERE (${condition}\n)`
}

/** True for rows behind a key. Nulls come last, as PostgreSQL sorts them. */
function isAfter({ relation, keyColumns }: ChunkedTable, key: KeyTexts): string {
  const columns = keyColumns.map((place) => relation.columns[place]!)
  const names = columns.map(({ name }) => quoteIdentifier(name))
  const literals = key.map((text) => (text === null ? 'NULL' : quoteLiteral(text)))
  if (columns.every(({ notNull }) => notNull)) {
    // A comparison of rows is what the planner finds an index for.
    return `(ROW(${names.join(', ')}) > ROW(${literals.join(', ')}))`
  }
  const alternatives = names.map((name, i) => {
    const equal = names
      .slice(0, i)
      .map((before, j) => (key[j] === null ? `${before} IS NULL` : `${before} = ${literals[j]}`))
    const behind = key[i] === null ? 'false' : `(${name} > ${literals[i]} OR ${name} IS NULL)`
    return `(${[...equal, behind].join(' AND ')})`
  })
  return `(${alternatives.join(' OR ')})`
}
