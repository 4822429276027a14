import type { PostgresConnection } from '../wire/connection.ts'
import { readColumnTypes } from './column-types.ts'
import type { Column, Relation } from './relation.ts'

interface RelationRow {
  readonly oid: number
  readonly schema: string
  readonly table: string
  readonly replicaIdentity: Relation['replicaIdentity']
  readonly columns: readonly ColumnRow[]
  readonly key: readonly string[] | null
}

interface ColumnRow {
  readonly name: string
  readonly typeOid: number
  readonly typeModifier: number
  readonly notNull: boolean
  readonly default: string | null
  readonly generated: boolean
  readonly comment: string | null
  readonly identity: boolean
}

/** Tables as the catalog describes them at this moment (or in this transaction). One that does not exist is left out. */
export async function readRelations(
  connection: PostgresConnection,
  oids: readonly number[],
): Promise<Map<number, Relation>> {
  if (oids.length === 0) return new Map()
  const rows = await connection.query(relationsQuery(oids), 'Reading the definition of tables')
  const relations = rows.map((row) => JSON.parse(row['relation']!) as RelationRow)
  const types = await readColumnTypes(
    connection,
    relations.flatMap((relation) => relation.columns.map((column) => column.typeOid)),
  )
  return new Map(
    relations.map((row) => {
      const columns = row.columns.map((column): Column => ({
        name: column.name,
        typeOid: column.typeOid,
        typeModifier: column.typeModifier,
        type: types.get(column.typeOid)!,
        notNull: column.notNull,
        defaultExpression: column.default,
        isGenerated: column.generated,
        isIdentity: column.identity,
        comment: column.comment,
      }))
      const { oid, schema, table, replicaIdentity } = row
      return [oid, { oid, schema, table, columns, replicaIdentity, keyColumns: keyColumns(columns, row.key) }]
    }),
  )
}

/** The places of the key's columns; empty where one of them is not among the columns. */
export function keyColumns(
  columns: readonly { readonly name: string }[],
  names: readonly string[] | null,
): readonly number[] {
  const places = (names ?? []).map((name) => columns.findIndex((column) => column.name === name))
  return places.includes(-1) ? [] : places
}

/**
 * The key is the primary key, else the unique index that comes first by name and has plain columns only, as Debezium
 * picks it - but never a partial index, which does not identify every row.
 */
function relationsQuery(oids: readonly number[]): string {
  return `
select json_build_object(
  'oid', c.oid::int8, 'schema', n.nspname, 'table', c.relname, 'replicaIdentity', c.relreplident,
  'columns', coalesce((
    select json_agg(json_build_object(
      'name', a.attname, 'typeOid', a.atttypid::int8, 'typeModifier', a.atttypmod, 'notNull', a.attnotnull,
      'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
      'generated', a.attgenerated <> '',
      'comment', pg_catalog.col_description(c.oid, a.attnum),
      'identity', c.relreplident = 'f' or coalesce(a.attnum = any (r.indkey), false)
    ) order by a.attnum)
    from pg_catalog.pg_attribute a
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join pg_catalog.pg_index r on r.indrelid = a.attrelid
      and case c.relreplident when 'd' then r.indisprimary when 'i' then r.indisreplident else false end
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
  'key', (
    select json_agg(a.attname order by k.place)
    from (
      select i.indrelid, i.indkey, i.indnkeyatts
      from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid
      where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
      order by i.indisprimary desc, x.relname limit 1
    ) i
    cross join lateral unnest(i.indkey::int2[]) with ordinality as k(attnum, place)
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where k.place <= i.indnkeyatts)
) as relation
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid = any ('{${oids.join(',')}}'::oid[])`
}
