import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ConfigIssue } from '../../api/plugin.ts'

const LIST = 'snapshot.select.statement.overrides'

/** What a snapshot reads in place of a table. */
export interface SnapshotSelect {
  readonly statement: string
  /** Where it can be changed; null where it is of no option's. */
  readonly option: string | null
}

/** The SELECT statements that the snapshot reads tables with, by `schema.table`. */
export function snapshotSelects(config: ConnectorConfig): ReadonlyMap<string, SnapshotSelect> {
  return new Map(
    listed(config).flatMap((table) => {
      const option = `${LIST}.${table}`
      const statement = config[option]?.trim().replace(/(?:;\s*)+$/, '')
      return statement ? [[table, { statement, option }] as const] : []
    }),
  )
}

/** A statement without its table in the list would have no effect, nor a table without its statement. */
export function snapshotSelectIssues(config: ConnectorConfig): readonly ConfigIssue[] {
  const tables = listed(config)
  const missing = tables
    .filter((table) => !config[`${LIST}.${table}`]?.trim())
    .map((table) => ({ option: `${LIST}.${table}`, problem: 'A value is required' }))
  const unlisted = Object.keys(config)
    .filter((name) => name.startsWith(`${LIST}.`) && config[name]?.trim())
    .filter((name) => !tables.includes(name.slice(LIST.length + 1)))
    .map((option) => ({ option, problem: `The table is not named in ${LIST}` }))
  return [...missing, ...unlisted].map(({ option, problem }) => ({
    option,
    message: `The '${option}' value is invalid: ${problem}`,
  }))
}

function listed(config: ConnectorConfig): readonly string[] {
  return (config[LIST] ?? '')
    .split(',')
    .map((table) => table.trim())
    .filter((table) => table !== '')
}
