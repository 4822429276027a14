import type { ConnectorConfig } from '../../api/config-def.ts'
import { compilePatterns } from '../../api/java/java-pattern.ts'
import { signalTable } from './signal-options.ts'

const SYSTEM_SCHEMAS: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema'])
/** PostGIS puts this table of its own among the user's. */
const SYSTEM_TABLES: ReadonlySet<string> = new Set(['spatial_ref_sys'])

type NameFilter = (name: string) => boolean

/**
 * Whether a table is captured: not a system table, in an included schema, and itself included. Schemas are matched by
 * their name, tables by `schema.table`. The signal table is always captured.
 */
export function tableFilter(config: ConnectorConfig): (schema: string, table: string) => boolean {
  const isSchemaIncluded = nameFilter(config, 'schema')
  const isNameIncluded = nameFilter(config, 'table')
  const signals = signalTable(config)
  const ignoreBuiltin = !/^\s*false\s*$/i.test(config['table.ignore.builtin'] ?? 'true')
  return (schema, table) =>
    (signals !== null && signals[0] === schema && signals[1] === table) ||
    (!(ignoreBuiltin && isBuiltin(schema, table)) &&
      isSchemaIncluded(schema) &&
      isNameIncluded(`${schema}.${table}`))
}

/** Whether a column's values are captured, by `schema.table.column`. Key columns stay in the key whatever it says. */
export function columnFilter(
  config: ConnectorConfig,
): (schema: string, table: string, column: string) => boolean {
  const isIncluded = nameFilter(config, 'column')
  return (schema, table, column) => isIncluded(`${schema}.${table}.${column}`)
}

function isBuiltin(schema: string, table: string): boolean {
  return (
    SYSTEM_SCHEMAS.has(schema.toLowerCase()) ||
    SYSTEM_TABLES.has(table.toLowerCase()) ||
    schema.startsWith('pg_temp')
  )
}

/** An include list rules alone; without one, all that the exclude list does not name. */
export function nameFilter(
  config: ConnectorConfig,
  what: 'schema' | 'table' | 'column' | 'message.prefix',
): NameFilter {
  const included = config[`${what}.include.list`]
  if (included?.trim()) return matcher(included)
  const excluded = config[`${what}.exclude.list`]
  if (!excluded?.trim()) return () => true
  const isExcluded = matcher(excluded)
  return (name) => !isExcluded(name)
}

function matcher(list: string): NameFilter {
  const patterns = compilePatterns(list)
  return (name) => patterns.some((pattern) => pattern.matches(name))
}
