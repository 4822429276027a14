import type { ConnectorConfig, OptionDefinitions } from '../../api/config-def.ts'
import type { ConfigResolver } from '../config-providers/config-resolver.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'

const MASK = '********'

/** What a secret's name says where no plugin does. */
export const SECRET_NAME =
  /password|passphrase|secret|token|credential|api\.?key|jaas|private\.?key|keystore\.key$|certificate|user\.?info/i

/**
 * Stars in place of passwords in configurations that are shown (`config.mask.secrets`; the reference shows them). Stars
 * that come back stand for what is stored, so that a configuration can be read, changed and written again.
 */
export class ConfigMask {
  readonly #isOn: boolean
  readonly #resolver: ConfigResolver
  /** Options that some plugin declares to be passwords. */
  readonly #passwords = new Set<string>()

  constructor(isOn: boolean, resolver: ConfigResolver) {
    this.#isOn = isOn
    this.#resolver = resolver
  }

  /** Takes note of a plugin's passwords. */
  learn(options: OptionDefinitions): void {
    for (const [name, { type }] of Object.entries(options)) if (type === 'PASSWORD') this.#passwords.add(name)
  }

  /** The same of a connector that was stored, before anybody validates one of its kind. */
  async learnFrom(catalogue: PluginCatalogue, config: ConnectorConfig): Promise<void> {
    if (!this.#isOn) return
    try {
      this.learn((await catalogue.loadConnector(config['connector.class'] ?? '')).configDef.options)
    } catch {
      // There is no such plugin here: its passwords are known by their names only.
    }
  }

  /** Variables of config providers stay: they are no secrets. */
  masked(config: ConnectorConfig): ConnectorConfig {
    if (!this.#isOn) return config
    const shown = Object.entries(config).map(([name, value]) => [
      name,
      this.#isSecret(name) && (value ?? '') !== '' && !this.#resolver.hasVariables(value) ? MASK : value,
    ])
    return Object.fromEntries(shown) as ConnectorConfig
  }

  /** @param stored what the connector has; null where it is new */
  unmasked(posted: ConnectorConfig, stored: ConnectorConfig | null): ConnectorConfig {
    if (!this.#isOn || stored === null) return posted
    const whole = Object.entries(posted).map(([name, value]) => [
      name,
      value === MASK && stored[name] !== undefined ? stored[name] : value,
    ])
    return Object.fromEntries(whole) as ConnectorConfig
  }

  #isSecret(name: string): boolean {
    return SECRET_NAME.test(name) || this.#passwords.has(name)
  }
}
