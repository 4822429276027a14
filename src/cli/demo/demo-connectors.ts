import type { ConnectorStatus } from '../../connect/herder.ts'
import { readConnectorFile, type ConnectorFile } from '../manage-connectors.ts'
import { searchConnection } from '../search-connection.ts'
import { call } from '../worker-client.ts'

const EXAMPLES = new URL('../../../examples/', import.meta.url)

/** The walk-through's source connector, with the server and the login of this run in place of the example's. */
export async function sourceConnector(database: URL): Promise<ConnectorFile> {
  const { name, config } = await readConnectorFile(new URL('inventory-connector.json', EXAMPLES))
  return {
    name,
    config: {
      ...config,
      'database.hostname': database.hostname,
      'database.port': database.port || '5432',
      'database.user': decodeURIComponent(database.username),
      'database.password': decodeURIComponent(database.password),
    },
  }
}

/** The walk-through's sink connector, with this run's server in place of the example's. */
export async function sinkConnector(address: string): Promise<ConnectorFile> {
  const { name, config } = await readConnectorFile(new URL('elasticsearch-sink-connector.json', EXAMPLES))
  return { name, config: { ...config, ...searchConnection(address) } }
}

/** What the connectors themselves say is wrong, or null. */
export async function connectorProblem(worker: string): Promise<string | null> {
  const all = (await call(worker, 'GET', '/connectors?expand=status')) as Readonly<
    Record<string, { readonly status: ConnectorStatus }>
  >
  for (const { status } of Object.values(all)) {
    const trace = status.connector.trace ?? status.tasks.find((task) => task.trace !== undefined)?.trace
    if (trace !== undefined) return `${status.name}: ${trace.split('\n')[0]}`
  }
  return null
}
