import { ConfigDef } from '../api/config-def.ts'
import type { SourceConnectorPlugin } from '../api/plugin.ts'
import { columnRuleIssues } from './options/column-rules.ts'
import { testConnection } from './options/connection-test.ts'
import { withDebeziumRules } from './options/debezium-rules.ts'
import { openPropertyIssues, readsProperty } from './options/open-properties.ts'
import { parsePostgresOptions, postgresOptionDefinitions } from './options/postgres-options.ts'
import { restartOptions } from './options/restart-options.ts'
import { snapshotSelectIssues } from './options/snapshot-selects.ts'
import { topicNamingIssues } from './options/topic-naming.ts'
import { signalIssues } from './options/signal-options.ts'
import { postProcessorIssues } from './options/reselect-options.ts'
import { refusedOptions } from './options/unsupported-options.ts'

/** Debezium's PostgreSQL connector, by its name and its options. */
export const postgresConnector: SourceConnectorPlugin = {
  type: 'source',
  className: 'io.debezium.connector.postgresql.PostgresConnector',
  version: '3.7.0.Final',
  configDef: new ConfigDef(withDebeziumRules(postgresOptionDefinitions)),

  async validate(config, signal) {
    const issues = [
      ...refusedOptions(config),
      ...columnRuleIssues(config),
      ...topicNamingIssues(config),
      ...snapshotSelectIssues(config),
      ...postProcessorIssues(config),
      ...signalIssues(config),
      ...openPropertyIssues(config),
    ]
    if (issues.length > 0) return issues
    const message = await testConnection(parsePostgresOptions(config), signal)
    return message === null ? [] : [{ option: 'database.hostname', message }]
  },

  readsProperty,

  async loadPreflight() {
    const { postgresPreflight } = await import('./preflight/postgres-preflight.ts')
    return postgresPreflight
  },

  /** One slot, one reader: always one task, whatever `tasks.max` says. */
  taskConfigs(config) {
    const taskClass = 'io.debezium.connector.postgresql.PostgresConnectorTask'
    return [{ ...config, ...restartOptions(config), 'task.class': taskClass }]
  },

  async loadTask() {
    const { createPostgresSourceTask } = await import('./source-task.ts')
    return createPostgresSourceTask
  },

  async listTables(config, signal) {
    const { capturableTables } = await import('./catalog/capturable-tables.ts')
    return capturableTables(parsePostgresOptions(config), signal)
  },

  async loadTableReader() {
    const { openTableReader } = await import('./verify/table-reader.ts')
    return openTableReader
  },
}
