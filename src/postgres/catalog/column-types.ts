import type { PostgresConnection } from '../wire/connection.ts'
import type { ColumnType } from './relation.ts'

interface TypeRow {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: ColumnType['kind']
  readonly element: number
  readonly base: number
  readonly baseModifier: number
  readonly labels: readonly string[]
  readonly attributes: readonly { readonly name: string; readonly oid: number; readonly modifier: number }[]
}

/**
 * Reads types and all that they are made of: elements of arrays, what is under domains, labels of enums, attributes. Never cached
 * between calls: an enum may have gained a label since.
 */
export async function readColumnTypes(
  connection: PostgresConnection,
  oids: Iterable<number>,
): Promise<ReadonlyMap<number, ColumnType>> {
  const wanted = [...new Set(oids)]
  const types = new Map<number, ColumnType>()
  if (wanted.length === 0) return types
  const rows = await connection.query(typesQuery(wanted), 'Reading the types of columns')
  const known = new Map(
    rows.map((row) => JSON.parse(row['type']!) as TypeRow).map((type) => [type.oid, type]),
  )
  const resolve = (oid: number): ColumnType => {
    const resolved = types.get(oid)
    if (resolved !== undefined) return resolved
    const row = known.get(oid)
    const type: ColumnType =
      row === undefined
        ? unknownType(oid)
        : {
            oid,
            schema: row.schema,
            name: row.name,
            kind: row.kind,
            element: row.element === 0 ? null : resolve(row.element),
            base: row.base === 0 ? null : { type: resolve(row.base), typeModifier: row.baseModifier },
            enumLabels: row.labels,
            attributes: row.attributes.map(({ name, oid, modifier }) => ({
              name,
              type: resolve(oid),
              typeModifier: modifier,
            })),
          }
    types.set(oid, type)
    return type
  }
  for (const oid of wanted) resolve(oid)
  return types
}

/**
 * A type that was dropped since: only its oid is left. Taken for an enum, which it most often was, so that the values of
 * older changes come as text and are not left out.
 */
function unknownType(oid: number): ColumnType {
  return {
    oid,
    schema: '',
    name: `unknown type ${oid}`,
    kind: 'e',
    element: null,
    base: null,
    enumLabels: [],
    attributes: [],
  }
}

/**
 * `typelem` alone does not make an array: `point` and `name` have one as well. Arrays proper are of category A, of
 * variable length, and have no array type of their own (`int2vector` has).
 */
function typesQuery(oids: readonly number[]): string {
  return `
with recursive part(oid) as (
  select unnest('{${oids.join(',')}}'::oid[])
  union
  select nested.oid
  from part join pg_catalog.pg_type t on t.oid = part.oid
  cross join lateral (
    values (t.typelem), (t.typbasetype)
    union all
    select a.atttypid from pg_catalog.pg_attribute a
    where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
  ) as nested(oid)
  where nested.oid <> 0
)
select json_build_object(
  'oid', t.oid::int8, 'schema', n.nspname, 'name', t.typname, 'kind', t.typtype,
  'element', case when t.typcategory = 'A' and t.typlen = -1 and t.typarray = 0 and t.typtype = 'b' then t.typelem::int8 else 0 end,
  'base', t.typbasetype::int8, 'baseModifier', t.typtypmod,
  'labels', coalesce(
    (select json_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid), '[]'),
  'attributes', coalesce((
    select json_agg(json_build_object('name', a.attname, 'oid', a.atttypid::int8, 'modifier', a.atttypmod) order by a.attnum)
    from pg_catalog.pg_attribute a
    where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped), '[]')
) as type
from part
join pg_catalog.pg_type t on t.oid = part.oid
join pg_catalog.pg_namespace n on n.oid = t.typnamespace`
}
