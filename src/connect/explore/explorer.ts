import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError, NotFoundError } from '../../api/errors.ts'
import type {
  CapturableTable,
  ConnectorPlugin,
  DocumentQuery,
  DocumentSearch,
  FoundDocuments,
} from '../../api/plugin.ts'
import { boundLogger } from '../bound-logger.ts'
import { hidingLogger } from '../config-providers/hiding-logger.ts'
import { SecretValues } from '../config-providers/secret-values.ts'
import type { WorkerParts } from '../worker-parts.ts'

/** Longer nobody waits who looks around. */
const TIMEOUT_MS = 20_000

type ExplorerParts = Pick<WorkerParts, 'catalogue' | 'logger' | 'resolver' | 'mask'>

/** Looks at what is behind connectors: the tables that a source could capture, the documents that a sink has written. */
export class Explorer {
  readonly #parts: ExplorerParts
  readonly #stored: (name: string) => ConnectorConfig | null

  /** @param stored the configuration of a connector, as it was posted */
  constructor(parts: ExplorerParts, stored: (name: string) => ConnectorConfig | null) {
    this.#parts = parts
    this.#stored = stored
  }

  /** Throws `ConfigError`: the connector has no tables, or they cannot be listed. @param config need not be whole */
  async tables(posted: ConnectorConfig): Promise<readonly CapturableTable[]> {
    const { resolver, mask } = this.#parts
    const { config } = resolver.resolve(mask.unmasked(posted, this.#stored(posted['name'] ?? '')))
    const plugin = await this.#plugin(config)
    if (plugin.type === 'sink' || plugin.listTables === undefined) {
      throw new ConfigError('connect.explore-unsupported', `${plugin.className} has no tables to choose from`)
    }
    return plugin.listTables(config, AbortSignal.timeout(TIMEOUT_MS))
  }

  /** Which index the records of each topic go to. Throws `NotFoundError`, `ConfigError`. */
  async indices(sink: string, topics: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#withSearch(
      sink,
      async (search) => new Map(topics.map((topic) => [topic, search.indexOf(topic)])),
    )
  }

  /** Throws `NotFoundError`, `ConfigError`, and what the server behind the sink says. */
  async search(sink: string, query: DocumentQuery): Promise<FoundDocuments> {
    return this.#withSearch(sink, (search) => search.search(query))
  }

  async #withSearch<T>(sink: string, work: (search: DocumentSearch) => Promise<T>): Promise<T> {
    const stored = this.#stored(sink)
    if (stored === null) throw new NotFoundError('connect.connector-unknown', `Connector ${sink} not found`)
    const { config, secrets } = this.#parts.resolver.resolve(stored)
    const plugin = await this.#plugin(config)
    if (plugin.type === 'source' || plugin.loadDocumentSearch === undefined) {
      throw new ConfigError('connect.explore-unsupported', `Connector ${sink} has no documents to search`)
    }
    const hiding = hidingLogger(this.#parts.logger, SecretValues.ofValues(secrets.values))
    const log = boundLogger(hiding, { connector: sink })
    const open = await plugin.loadDocumentSearch()
    const search = open(config, { log, signal: AbortSignal.timeout(TIMEOUT_MS) })
    try {
      return await work(search)
    } finally {
      search.close()
    }
  }

  #plugin(config: ConnectorConfig): Promise<ConnectorPlugin> {
    return this.#parts.catalogue.loadConnector(config['connector.class'] ?? '')
  }
}
