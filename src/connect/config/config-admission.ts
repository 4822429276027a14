import type { ConnectorConfig, OptionState } from '../../api/config-def.ts'
import { ConfigError, ConnectError, NotFoundError } from '../../api/errors.ts'
import type { ConnectorPlugin } from '../../api/plugin.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import {
  connectorOptionStates,
  refuseInvalid,
  unknownProperties,
  validateConnectorConfig,
} from './config-validation.ts'
import { SECRET_NAME, type ConfigMask } from './config-mask.ts'
import type { ConfigResolver, ResolvedConfig } from '../config-providers/config-resolver.ts'
import type { ConfigValidation, PluginInfo } from '../herder.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'
import { versionProblem, versionRange } from './plugin-version.ts'
import type { StoredConfigs } from './stored-configs.ts'
import type { WorkerConfig } from './worker-config.ts'

/** The reference gives a synchronous call 90 s; a validation that connects somewhere is over long before. */
const VALIDATION_TIMEOUT_MS = 30_000

interface AdmissionParts {
  readonly catalogue: PluginCatalogue
  readonly worker: WorkerConfig
  readonly resolver: ConfigResolver
  readonly mask: ConfigMask
  readonly logger: TaskLogger
}

/** Decides which configurations are let in, and answers questions about options. */
export class ConfigAdmission {
  readonly #parts: AdmissionParts
  readonly #stored: StoredConfigs
  readonly #signal: AbortSignal

  constructor(parts: AdmissionParts, stored: StoredConfigs, signal: AbortSignal) {
    this.#parts = parts
    this.#stored = stored
    this.#signal = signal
  }

  plugins(): readonly PluginInfo[] {
    return this.#parts.catalogue.infos()
  }

  /**
   * The option definitions of a plugin. Throws `NotFoundError`, and `ConfigError` where the plugin is not of that version.
   * @param name its class name, simple name or alias
   * @param version one, a range, or null for any
   */
  async pluginConfig(name: string, version: string | null = null): Promise<readonly OptionState[]> {
    const { catalogue } = this.#parts
    const entry = catalogue.find(name)
    if (entry === null) throw new NotFoundError('connect.plugin-unknown', `Unknown plugin ${name}.`)
    if (version !== null && versionRange(version) !== null)
      throw new ConfigError('connect.plugin-unknown', `Invalid version specification: ${version}`)
    const problem = versionProblem(entry, version, catalogue)
    if (problem !== null) throw new ConfigError('connect.plugin-unknown', problem)
    const plugin = await entry.load()
    return plugin.type === 'source' || plugin.type === 'sink'
      ? connectorOptionStates(plugin, catalogue)
      : plugin.configDef.validate({})
  }

  /** The answer to a validation request, which says in its address which plugin it means. */
  async validate(plugin: string, posted: ConnectorConfig): Promise<ConfigValidation> {
    const { catalogue } = this.#parts
    const config = this.#unmasked(posted['name'] ?? '', posted)
    const given = config['connector.class']
    if (given === undefined || given === null) {
      // The reference answers this one with its exception's class name and 500.
      throw new ConnectError(
        'connect.config-invalid',
        `org.apache.kafka.connect.runtime.rest.errors.BadRequestException: ${withoutType(config)}`,
      )
    }
    // Unknown ones may match, too.
    if (!alias(given).endsWith(alias(plugin))) {
      throw new ConfigError(
        'connect.config-invalid',
        `Included connector type ${given} does not match request type ${plugin}`,
      )
    }
    return this.#validate(await catalogue.loadConnector(given), config)
  }

  /** The configuration to store: valid, with its name in it. Throws `ConfigError`. */
  async admit(name: string, masked: ConnectorConfig): Promise<ConnectorConfig> {
    const posted = this.#unmasked(name, masked)
    // A null is as good as none.
    const named = posted['name'] ?? name
    if (named !== name) {
      throw new ConfigError(
        'connect.name-mismatch',
        `Connector name configuration (${named}) doesn't match connector name in the URL (${name})`,
      )
    }
    const config = { ...posted, name }
    const className = posted['connector.class']
    if (className === undefined || className === null) {
      throw new ConfigError('connect.config-invalid', withoutType(config))
    }
    const plugin = await this.#loadPosted(className)
    const validation = await this.#validate(plugin, config)
    refuseInvalid(validation)
    const properties = unknownProperties(plugin, config, validation)
    if (properties.length > 0) {
      const message = 'These properties mean nothing to this connector and are ignored'
      this.#parts.logger.warn({ connector: name, properties }, message)
    }
    return config
  }

  /** Where its stars stand for passwords, it has those of the connector that is there. */
  #unmasked(name: string, posted: ConnectorConfig): ConnectorConfig {
    return this.#parts.mask.unmasked(posted, this.#stored.get(name) ?? null)
  }

  async #loadPosted(className: string): Promise<ConnectorPlugin> {
    return (await this.#parts.catalogue.postedConnector(className).load()) as ConnectorPlugin
  }

  async #validate(plugin: ConnectorPlugin, config: ConnectorConfig): Promise<ConfigValidation> {
    const { catalogue, worker, resolver, mask } = this.#parts
    mask.learn(plugin.configDef.options)
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(VALIDATION_TIMEOUT_MS)])
    const resolved = resolver.resolve(config)
    const validation = await validateConnectorConfig(plugin, resolved.config, { catalogue, worker, signal })
    return resolved.secrets.isEmpty ? validation : withSecretsHidden(validation, config, resolved)
  }
}

/** Shows variables where a config provider's values were looked at. */
function withSecretsHidden(
  validation: ConfigValidation,
  given: ConnectorConfig,
  { config, secrets }: ResolvedConfig,
): ConfigValidation {
  const options = validation.options.map((state) => {
    const isSupplied = (given[state.name] ?? null) !== (config[state.name] ?? null)
    return {
      ...state,
      value: isSupplied && state.value !== null ? given[state.name]! : state.value,
      errors: state.errors.map((error) => secrets.hide(error)),
      recommendedValues: state.recommendedValues.map((value) => secrets.hide(value)),
    }
  })
  return { ...validation, options }
}

/** Without a class nobody knows which options are passwords, so their names have to tell. */
function withoutType(config: ConnectorConfig): string {
  const entries = Object.entries(config).map(
    ([name, value]) => `${name}=${SECRET_NAME.test(name) && value !== null ? '[hidden]' : value}`,
  )
  return `Connector config {${entries.join(', ')}} contains no connector type`
}

/** A connector's class or simple name without its ending, as addresses may have it. */
function alias(name: string): string {
  return name.replace(/Connector$/, '')
}
