import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import { listOf } from '../config/list-of.ts'
import { withoutPrefix } from '../../api/without-prefix.ts'
import { AllowedPaths } from './allowed-paths.ts'
import type { ConfigProvider, ProviderParameters } from './config-provider.ts'
import { DirectoryConfigProvider } from './directory-config-provider.ts'
import { EnvVarConfigProvider } from './env-var-config-provider.ts'
import { FileConfigProvider } from './file-config-provider.ts'
import { SecretValues } from './secret-values.ts'

/** `${provider:key}` or `${provider:path:key}`. */
const VARIABLE = /\$\{([^}:]*):(?:([^}:]*):)?([^}]*)\}/g

export interface ResolvedConfig {
  readonly config: ConnectorConfig
  /** What was put in; it must not leave the worker. */
  readonly secrets: SecretValues
}

/**
 * Puts the values of config providers in place of variables, on the way into plugins and nowhere else: what is stored and
 * shown keeps the variables. Each time they are asked anew, so a restarted task has the values of that moment.
 */
export class ConfigResolver {
  readonly #providers: ReadonlyMap<string, ConfigProvider>
  /** How long the values of those providers are good that say so (`param.ttl.ms`). */
  readonly #ttlMs = new Map<string, number>()

  /** @param properties the worker's: `config.providers` and what lies below it. Throws `ConfigError`. */
  constructor(properties: ConnectorConfig, environment: NodeJS.ProcessEnv = process.env) {
    this.#providers = new Map(
      listOf(properties['config.providers']).map((name) => {
        const own = withoutPrefix(properties, `config.providers.${name}.`)
        const ttlMs = ttlOf(name, own['param.ttl.ms'])
        if (ttlMs !== null) this.#ttlMs.set(name, ttlMs)
        return [name, createProvider(name, own, environment)]
      }),
    )
  }

  /** Variables of unknown providers, and those without a value, stay as they are. Throws `ConfigError`. */
  resolve(config: ConnectorConfig): ResolvedConfig {
    const variables = new Map<string, string>()
    if (this.#providers.size === 0) return { config, secrets: new SecretValues(variables) }
    const resolved = Object.entries(config).map(([name, text]) => {
      const value = text?.replace(
        VARIABLE,
        (variable, provider: string, path: string | undefined, key: string) => {
          const found = this.#providers.get(provider)?.value(path ?? '', key) ?? null
          if (found === null) return variable
          variables.set(found, variable)
          return found
        },
      )
      return [name, value ?? null] as const
    })
    return { config: Object.fromEntries(resolved), secrets: new SecretValues(variables) }
  }

  /** After how long the values in a configuration should be looked at again; null: never. */
  ttlMs(config: ConnectorConfig): number | null {
    if (this.#ttlMs.size === 0) return null
    const used = Object.values(config).flatMap((text) =>
      [...(text ?? '').matchAll(VARIABLE)].flatMap(([, provider]) => this.#ttlMs.get(provider!) ?? []),
    )
    return used.length === 0 ? null : Math.min(...used)
  }

  /** Whether something of the text would be replaced. */
  hasVariables(text: string | null | undefined): boolean {
    return [...(text ?? '').matchAll(VARIABLE)].some(([, provider]) => this.#providers.has(provider!))
  }
}

function ttlOf(provider: string, text: string | null | undefined): number | null {
  if (text === undefined || text === null) return null
  if (/^[1-9]\d{0,8}$/.test(text.trim())) return Number(text)
  throw new ConfigError(
    'connect.config-invalid',
    `Invalid value ${text} for configuration config.providers.${provider}.param.ttl.ms: it must be a number of milliseconds`,
  )
}

function createProvider(name: string, own: ConnectorConfig, environment: NodeJS.ProcessEnv): ConfigProvider {
  const given = withoutPrefix(own, 'param.')
  const parameters: ProviderParameters = Object.fromEntries(
    Object.entries(given).flatMap(([option, value]) => (value === null ? [] : [[option, value]])),
  )
  const className = own['class']?.trim() ?? ''
  switch (className.replace(/^org\.apache\.kafka\.common\.config\.provider\./, '')) {
    case 'FileConfigProvider':
      return new FileConfigProvider(new AllowedPaths(name, parameters))
    case 'DirectoryConfigProvider':
      return new DirectoryConfigProvider(new AllowedPaths(name, parameters))
    case 'EnvVarConfigProvider':
      return new EnvVarConfigProvider(name, parameters, environment)
    default:
      throw new ConfigError(
        'connect.config-invalid',
        `Invalid value ${className} for configuration config.providers.${name}.class: Class ${className} could not be found. ` +
          'Use FileConfigProvider, DirectoryConfigProvider or EnvVarConfigProvider of org.apache.kafka.common.config.provider.',
      )
  }
}
