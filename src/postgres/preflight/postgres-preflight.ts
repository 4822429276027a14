import type { ConnectorConfig } from '../../api/config-def.ts'
import { fail, ok, type Finding, type PreflightContext, type PreflightReport } from '../../api/preflight.ts'
import { parsePostgresOptions, type PostgresOptions } from '../options/postgres-options.ts'
import { PostgresConnection } from '../wire/connection.ts'
import { capturedTopics } from './captured-topics.ts'
import { loginFailed, replicationFailed } from './login-findings.ts'
import { lookAtPublication } from './publication-findings.ts'
import { lookAtRole } from './role-findings.ts'
import { lookAtSettings } from './settings-findings.ts'
import { lookAtSlot } from './slot-findings.ts'
import { lookAtTables } from './table-findings.ts'

/** What the source connector needs of its server: each thing a finding, in the order in which one would mend them. */
export async function postgresPreflight(
  config: ConnectorConfig,
  { signal }: PreflightContext,
): Promise<PreflightReport> {
  const options = parsePostgresOptions(config)
  let connection: PostgresConnection
  try {
    connection = await PostgresConnection.open(options, 'sql', { applicationName: NAME, signal })
  } catch (error) {
    return { findings: [loginFailed(error, options)] }
  }
  try {
    const server = `${options.hostname}:${options.port}`
    const findings = [
      ok('connection', `${options.user} can log in to ${options.database} at ${server}`),
      ...(await lookAtSettings(connection, options)),
      ...(await lookAtRole(connection, options)),
      ...(await lookAtReplication(options, signal)),
      ...(await lookAtTables(connection, options)),
      ...(await lookAtPublication(connection, options)),
      ...(await lookAtSlot(connection, options)),
    ]
    return { findings, topics: await capturedTopics(connection, options) }
  } catch (error) {
    // Everybody may read the catalog: what fails here is the connection.
    return { findings: [loginFailed(error, options)] }
  } finally {
    connection.close()
  }
}

const NAME = 'tailrace preflight'

/** A walsender has lines of its own in pg_hba.conf. */
async function lookAtReplication(options: PostgresOptions, signal: AbortSignal): Promise<Finding[]> {
  try {
    const connection = await PostgresConnection.open(options, 'replication', {
      applicationName: NAME,
      signal,
    })
    connection.close()
    return [ok('replication connection', `${options.user} can open a replication connection`)]
  } catch (error) {
    return [fail('replication connection', ...replicationFailed(error, options))]
  }
}
