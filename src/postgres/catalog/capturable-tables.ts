import { ConfigError } from '../../api/errors.ts'
import type { CapturableTable } from '../../api/plugin.ts'
import { driverMessage, withClient } from '../options/connection-test.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'

/** More than anybody looks through. */
const MOST_TABLES = 5000

const QUERY = `
  select n.nspname as schema, c.relname as "table", c.reltuples::float8 as rows,
    pg_catalog.pg_total_relation_size(c.oid)::float8 as bytes,
    exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisprimary) as keyed
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
    and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  order by n.nspname, c.relname limit ${MOST_TABLES}`

/** The tables of the database that a configuration names; partitioned ones as a whole. Throws `ConfigError`. */
export async function capturableTables(
  options: PostgresOptions,
  signal: AbortSignal,
): Promise<readonly CapturableTable[]> {
  const deadline = AbortSignal.timeout(options.validationTimeoutMs)
  try {
    return await withClient(options, AbortSignal.any([signal, deadline]), async (client) => {
      const { rows } = await client.query<Row>(QUERY)
      return rows.map(({ schema, table, rows: estimatedRows, bytes, keyed }) => ({
        schema,
        table,
        estimatedRows,
        bytes,
        hasPrimaryKey: keyed,
      }))
    })
  } catch (error) {
    const reason = deadline.aborted
      ? `PostgreSQL did not answer within ${options.validationTimeoutMs} ms`
      : driverMessage(error, options)
    throw new ConfigError('connect.config-invalid', `The tables cannot be listed: ${reason}`)
  }
}

interface Row {
  readonly schema: string
  readonly table: string
  readonly rows: number
  readonly bytes: number
  readonly keyed: boolean
}
