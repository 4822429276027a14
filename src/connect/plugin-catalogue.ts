import { ConfigError, ConnectError } from '../api/errors.ts'
import type {
  ConnectorPlugin,
  ConverterPlugin,
  HeaderConverterPlugin,
  Plugin,
  PredicatePlugin,
  TransformationPlugin,
} from '../api/plugin.ts'
import type { PluginInfo } from './herder.ts'

/** A plugin that the worker offers. Its code is loaded only when a connector uses it. */
export interface PluginCatalogueEntry extends PluginInfo {
  /** Further names that configurations may use. */
  readonly aliases?: readonly string[]
  load(): Promise<Plugin>
}

export type PluginType = PluginInfo['type']

interface PluginsByType {
  source: ConnectorPlugin
  sink: ConnectorPlugin
  converter: ConverterPlugin
  header_converter: HeaderConverterPlugin
  transformation: TransformationPlugin
  predicate: PredicatePlugin
}

/** What is cut off a simple name to make the short alias: `ElasticsearchSink`, `Json`. */
const ALIAS_SUFFIX: Readonly<Record<PluginType, string>> = {
  source: 'Connector',
  sink: 'Connector',
  converter: 'Converter',
  header_converter: 'HeaderConverter',
  transformation: 'Transformation',
  predicate: 'Predicate',
}

/** Finds plugins by class name, simple name or alias. One class may be there twice, as converter and header converter. */
export class PluginCatalogue {
  readonly entries: readonly PluginCatalogueEntry[]

  constructor(entries: readonly PluginCatalogueEntry[]) {
    this.entries = entries
  }

  infos(): readonly PluginInfo[] {
    return this.entries.map(({ className, type, version }) => ({ className, type, version }))
  }

  /** The entry of one of these types (any without), or null. A short name that several classes share finds none. */
  find(name: string, ...types: readonly PluginType[]): PluginCatalogueEntry | null {
    const isOneOf = ({ type }: PluginCatalogueEntry): boolean => types.length === 0 || types.includes(type)
    const exact = this.entries.find((entry) => entry.className === name && isOneOf(entry))
    if (exact !== undefined) return exact
    const short = this.entries.filter((entry) => isOneOf(entry) && shortNames(entry).includes(name))
    return new Set(short.map((entry) => entry.className)).size === 1 ? short[0]! : null
  }

  /** Throws `connect.plugin-unknown` with the reference's wording. */
  connector(name: string): PluginCatalogueEntry {
    const entry = this.find(name, 'source', 'sink')
    if (entry !== null) return entry
    const available = this.entries
      .filter(({ type }) => type === 'source' || type === 'sink')
      .map(describeEntry)
      .join(', ')
    throw new ConnectError(
      'connect.plugin-unknown',
      `Failed to find any class that implements Connector and which name matches ${name}, ` +
        `available connectors are: ${available}`,
    )
  }

  /** The same of a class that somebody posted: an unknown one is the fault of the configuration. Throws `ConfigError`. */
  postedConnector(name: string): PluginCatalogueEntry {
    try {
      return this.connector(name)
    } catch (error) {
      if (!(error instanceof ConnectError) || error.code !== 'connect.plugin-unknown') throw error
      throw new ConfigError('connect.plugin-unknown', error.message)
    }
  }

  async loadConnector(name: string): Promise<ConnectorPlugin> {
    return (await this.connector(name).load()) as ConnectorPlugin
  }

  /** Throws `connect.plugin-unknown`. */
  async load<T extends PluginType>(type: T, name: string): Promise<PluginsByType[T]> {
    const entry = this.find(name, type)
    if (entry === null) {
      throw new ConnectError('connect.plugin-unknown', `There is no ${type.replace('_', ' ')} ${name}`)
    }
    return (await entry.load()) as PluginsByType[T]
  }
}

function shortNames({ className, type, aliases = [] }: PluginCatalogueEntry): readonly string[] {
  const simple = className.slice(className.lastIndexOf('.') + 1)
  const suffix = ALIAS_SUFFIX[type]
  const pruned = simple.endsWith(suffix) ? simple.slice(0, -suffix.length) : simple
  return [simple, pruned, ...aliases]
}

function describeEntry({ className, version, type }: PluginCatalogueEntry): string {
  return (
    `PluginDesc{klass=class ${className}, name='${className}', version='${version}', ` +
    `encodedVersion=${version}, type=${type}, typeName='${type}', location='classpath'}`
  )
}
