import { isDeepStrictEqual } from 'node:util'
import type { PostgresConnection } from '../wire/connection.ts'
import type { RelationMessage } from '../wire/pgoutput/relation-message.ts'
import { readColumnTypes } from './column-types.ts'
import { keyColumns, readRelations } from './read-relations.ts'
import type { Relation } from './relation.ts'

/**
 * A relation as pgoutput announced it. Which columns there are, and their types, is the message's to say: it describes
 * the rows that follow, which may be older than the catalog. The rest (key, not null, defaults, comments) only the
 * catalog knows, so it is taken from there, by column name, as far as the table still exists.
 */
export async function describeStreamedRelation(
  connection: PostgresConnection,
  message: RelationMessage,
): Promise<Relation> {
  const catalog = (await readRelations(connection, [message.oid])).get(message.oid)
  const types = await readColumnTypes(
    connection,
    message.columns.map((column) => column.typeOid),
  )
  const known = new Map(catalog?.columns.map((column) => [column.name, column]))
  const keyNames = namesOfKey(message, catalog)
  return {
    oid: message.oid,
    schema: message.schema,
    table: message.table,
    replicaIdentity: message.replicaIdentity,
    columns: message.columns.map((column) => {
      const now = known.get(column.name)
      return {
        name: column.name,
        typeOid: column.typeOid,
        typeModifier: column.typeModifier,
        type: types.get(column.typeOid)!,
        notNull: now?.notNull ?? false,
        defaultExpression: now?.defaultExpression ?? null,
        isGenerated: now?.isGenerated ?? false,
        isIdentity: column.isIdentity,
        comment: now?.comment ?? null,
      }
    }),
    keyColumns: keyColumns(message.columns, keyNames),
  }
}

/**
 * The catalog knows the key, and the order of its columns; but it may have got another one since, or its columns other
 * names. With the default replica identity the message flags the columns of the primary key as they were.
 */
function namesOfKey(message: RelationMessage, catalog: Relation | undefined): readonly string[] {
  const known = catalog?.keyColumns.map((place) => catalog.columns[place]!.name) ?? []
  const flagged = message.columns.filter((column) => column.isIdentity).map((column) => column.name)
  const isFlagKey = message.replicaIdentity === 'd' || catalog === undefined
  if (!isFlagKey || message.replicaIdentity === 'f' || flagged.length === 0) return known
  const isPartOfKnown = flagged.every((name) => known.includes(name))
  // The publication may leave out a column of the key: what is left of it is none.
  const isWhole = known.every((name) => message.columns.some((column) => column.name === name))
  return isPartOfKnown && (!isWhole || known.length === flagged.length) ? known : flagged
}

/** pgoutput announces a relation again after every ANALYZE; what is compiled for it stays good then. */
export function isSameRelation(a: Relation, b: Relation): boolean {
  return isDeepStrictEqual(a, b)
}
