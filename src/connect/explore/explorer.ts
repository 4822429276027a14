import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type {
  CapturableTable,
  ConnectorPlugin,
  DocumentQuery,
  DocumentSearch,
  FoundDocuments,
} from '../../api/plugin.ts'
import type { Finding } from '../../api/preflight.ts'
import { boundLogger } from '../bound-logger.ts'
import { hidingLogger } from '../config-providers/hiding-logger.ts'
import type { ResolvedConfig } from '../config-providers/config-resolver.ts'
import { SecretValues } from '../config-providers/secret-values.ts'
import type { ConnectorOf } from '../jobs/job-spec.ts'
import type { Examined } from '../preflight/examine-connectors.ts'
import type { PreflightWork } from '../preflight/preflight-work.ts'
import { storedConfig, type StoredConfigs } from '../config/stored-configs.ts'
import type { WorkerParts } from '../worker-parts.ts'

/** Longer nobody waits who looks around. */
const TIMEOUT_MS = 20_000

type ExplorerParts = Pick<WorkerParts, 'catalogue' | 'logger' | 'resolver' | 'mask' | 'pool' | 'worker'>

/**
 * Looks at what is behind connectors: what they need of their servers, the tables that a source could capture, the documents
 * that a sink has written.
 */
export class Explorer {
  readonly #parts: ExplorerParts
  readonly #stored: StoredConfigs

  constructor(parts: ExplorerParts, stored: StoredConfigs) {
    this.#parts = parts
    this.#stored = stored
  }

  /** What connectors that are there, or are to be, need of their servers. Throws `ConfigError`: there is no such class. */
  async preflight(posted: readonly ConnectorOf[]): Promise<readonly Examined[]> {
    const { catalogue, pool, worker } = this.#parts
    const resolved = posted.map(({ name, config }) => {
      catalogue.postedConnector(config['connector.class'] ?? '')
      return { name, ...this.#resolved(name, config) }
    })
    const secrets = resolved.flatMap((each) => each.secrets.values)
    const work: PreflightWork = {
      kind: 'preflight',
      connectors: resolved.map(({ name, config }) => ({ name, config })),
      deadlineMs: TIMEOUT_MS,
    }
    const examined = (await pool.runJob(work, {
      connector: posted.map(({ name }) => name).join(', '),
      worker,
      secrets,
      signal: AbortSignal.timeout(2 * TIMEOUT_MS),
      onProgress: () => undefined,
    })) as readonly Examined[]
    const hide = SecretValues.ofValues(secrets)
    return examined.map(({ what, findings }) => ({
      what,
      findings: findings.map((finding) => hidden(finding, hide)),
    }))
  }

  /** Throws `ConfigError`: the connector has no tables, or they cannot be listed. @param config need not be whole */
  async tables(posted: ConnectorConfig): Promise<readonly CapturableTable[]> {
    const { config } = this.#resolved(posted['name'] ?? '', posted)
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
    const { config, secrets } = this.#parts.resolver.resolve(storedConfig(this.#stored, sink))
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

  /** As it would run: what it holds of a stored connector's secrets, and of config providers, is put in. */
  #resolved(name: string, posted: ConnectorConfig): ResolvedConfig {
    const { resolver, mask } = this.#parts
    return resolver.resolve(mask.unmasked(posted, this.#stored.get(name) ?? null))
  }

  async #plugin(config: ConnectorConfig): Promise<ConnectorPlugin> {
    const entry = this.#parts.catalogue.postedConnector(config['connector.class'] ?? '')
    return (await entry.load()) as ConnectorPlugin
  }
}

function hidden({ check, level, message, remedy }: Finding, secrets: SecretValues): Finding {
  return {
    check: secrets.hide(check),
    level,
    message: secrets.hide(message),
    ...(remedy === undefined ? {} : { remedy: { ...remedy, apply: secrets.hide(remedy.apply) } }),
  }
}
