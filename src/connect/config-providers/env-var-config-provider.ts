import { ConfigError } from '../../api/errors.ts'
import { JavaPattern } from '../../api/java/java-pattern.ts'
import type { ConfigProvider, ProviderParameters } from './config-provider.ts'

/** Kafka's `EnvVarConfigProvider`: the key is a variable of the worker's environment that `allowlist.pattern` allows. */
export class EnvVarConfigProvider implements ConfigProvider {
  readonly #environment: NodeJS.ProcessEnv
  readonly #allowed: JavaPattern

  constructor(provider: string, parameters: ProviderParameters, environment: NodeJS.ProcessEnv) {
    const pattern = parameters['allowlist.pattern'] ?? '.*'
    try {
      this.#allowed = new JavaPattern(pattern)
    } catch (cause) {
      const option = `config.providers.${provider}.param.allowlist.pattern`
      const message = `Invalid value ${pattern} for configuration ${option}: it must be a regular expression`
      throw new ConfigError('connect.config-invalid', message, { cause })
    }
    this.#environment = environment
  }

  value(path: string, key: string): string | null {
    if (path !== '') {
      throw new ConfigError(
        'connect.config-provider-failed',
        `Path is not supported for EnvVarConfigProvider, invalid value '${path}'`,
      )
    }
    return this.#allowed.matches(key) ? (this.#environment[key] ?? null) : null
  }
}
