import { ConfigError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { listTables } from './list-tables.ts'

/** `guardrail.collections.*`. `PostgresOptions` satisfies it. */
export interface TableGuardrail {
  /** 0: no bound. */
  readonly tablesMax: number
  readonly tablesMaxAction: 'warn' | 'fail'
  readonly publishViaPartitionRoot: boolean
  isTableIncluded(schema: string, table: string): boolean
}

/** Throws `ConfigError`, or warns, where more tables are captured than the options allow. */
export async function checkTableCount(
  connection: PostgresConnection,
  options: TableGuardrail,
  log: TaskLogger,
): Promise<void> {
  if (options.tablesMax === 0) return
  const tables = await listTables(
    connection,
    (schema, table) => options.isTableIncluded(schema, table),
    options.publishViaPartitionRoot,
  )
  if (tables.length <= options.tablesMax) return
  const message = `Guardrail limit exceeded: ${tables.length} tables/collections configured for capture, but maximum allowed is ${options.tablesMax}.`
  if (options.tablesMaxAction === 'warn') {
    log.warn({ tables: tables.length, max: options.tablesMax }, message)
    return
  }
  throw new ConfigError(
    'postgres.tables-too-many',
    `${message} Narrow table.include.list, or raise guardrail.collections.max.`,
  )
}
