import { ConfigError, describeError } from '../../api/errors.ts'
import type { Client } from 'pg'

/** A table as its server knows it. */
export interface MirroredTable {
  readonly schema: string
  readonly table: string
  /** What the planner expects of it; exact only by chance. */
  readonly estimatedRows: number
  readonly isEmpty: boolean
}

interface Found {
  readonly wanted: string
  readonly schema: string | null
  readonly table: string | null
  readonly kind: string | null
  readonly isKeyed: boolean
}

/**
 * Finds tables by their names, as SQL spells them: `public.orders`, `orders`, `"Orders"`. Throws `cli.mirror-refused`
 * for one that is missing, is no table, or has no key to make ids of.
 */
export async function findTables(client: Client, names: readonly string[]): Promise<MirroredTable[]> {
  const tables: MirroredTable[] = []
  for (const name of names) {
    const { rows } = await client.query<Found>(FIND, [name]).catch((error: unknown) => {
      throw refusal(`${name} is not the name of a table: ${describeError(error)}`)
    })
    const { schema, table } = checked(rows[0]!)
    const target = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`
    const { rows: plans } = await client.query<{ 'QUERY PLAN': Plan }>(
      `EXPLAIN (FORMAT JSON) SELECT FROM ${target}`,
    )
    const { rowCount } = await client.query(`SELECT FROM ${target} LIMIT 1`)
    const estimatedRows = plans[0]!['QUERY PLAN'][0].Plan['Plan Rows']
    tables.push({ schema, table, estimatedRows, isEmpty: rowCount === 0 })
  }
  return tables
}

const FIND = `
  SELECT n.nspname AS schema, c.relname AS "table", c.relkind AS kind, $1 AS wanted,
    EXISTS (SELECT FROM pg_index i
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL) AS "isKeyed"
  FROM (VALUES (to_regclass($1))) AS wanted (oid)
    LEFT JOIN pg_class c ON c.oid = wanted.oid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace`

type Plan = [{ readonly Plan: { readonly 'Plan Rows': number } }]

function checked({ wanted, schema, table, kind, isKeyed }: Found): { schema: string; table: string } {
  if (schema === null || table === null) {
    throw refusal(
      `There is no table ${wanted} in this database (names are as in SQL: "Orders" in quotes keeps its capital letter)`,
    )
  }
  if (kind !== 'r' && kind !== 'p') {
    throw refusal(`${wanted} is not a table: views and foreign tables write no WAL`)
  }
  if (!isKeyed) {
    throw refusal(
      `${wanted} has no primary key, which the ids of documents are made of: ALTER TABLE ${wanted} ADD PRIMARY KEY (…)`,
    )
  }
  return { schema, table }
}

export function refusal(message: string): ConfigError {
  return new ConfigError('cli.mirror-refused', message)
}
