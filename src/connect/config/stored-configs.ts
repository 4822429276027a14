import type { ConnectorConfig } from '../../api/config-def.ts'
import { NotFoundError } from '../../api/errors.ts'
import type { ConfigResolver } from '../config-providers/config-resolver.ts'
import type { ConnectorOf } from '../jobs/job-spec.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'

/** The configurations of all connectors, as they were posted. */
export interface StoredConfigs {
  names(): readonly string[]
  get(name: string): ConnectorConfig | undefined
}

/** Throws `NotFoundError`. */
export function storedConfig(stored: StoredConfigs, name: string): ConnectorConfig {
  const config = stored.get(name)
  if (config === undefined) {
    throw new NotFoundError('connect.connector-unknown', `Connector ${name} not found`)
  }
  return config
}

/** What a job about one connector gets to know of all of them. */
export interface ResolvedConnectors {
  /** The one. */
  readonly connector: ConnectorOf
  readonly sources: readonly ConnectorOf[]
  /** Values of config providers, of all connectors. */
  readonly secrets: readonly string[]
}

/** Puts in what config providers supply. Throws `NotFoundError`, and `ConfigError` where a provider fails. */
export function resolveConnectors(
  name: string,
  stored: StoredConfigs,
  { resolver, catalogue }: { readonly resolver: ConfigResolver; readonly catalogue: PluginCatalogue },
): ResolvedConnectors {
  storedConfig(stored, name)
  const resolved = stored
    .names()
    .map((each) => ({ name: each, ...resolver.resolve(storedConfig(stored, each)) }))
  const connectors = resolved.map(({ name: each, config }): ConnectorOf => ({ name: each, config }))
  const isSource = ({ config }: ConnectorOf): boolean =>
    catalogue.find(config['connector.class'] ?? '', 'source') !== null
  return {
    connector: connectors.find((each) => each.name === name)!,
    sources: connectors.filter(isSource),
    secrets: resolved.flatMap(({ secrets }) => secrets.values),
  }
}
