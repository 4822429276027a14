import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ConfigResolver } from './config-resolver.ts'

export interface ConfigReloadOptions {
  readonly resolver: ConfigResolver
  /** With variables; `used` is what was made of them. */
  readonly config: ConnectorConfig
  readonly used: ConnectorConfig
  readonly onChange: () => void
}

/**
 * Looks again at the values of config providers with a time to live, and tells once when one of them is another: a
 * password was changed, and who uses the old one should start again with the new.
 */
export class ConfigReload implements Disposable {
  readonly #options: ConfigReloadOptions
  #timer: NodeJS.Timeout | null = null

  constructor(options: ConfigReloadOptions) {
    this.#options = options
    const { resolver, config } = options
    const ttlMs =
      config['config.action.reload']?.trim().toLowerCase() === 'none' ? null : resolver.ttlMs(config)
    if (ttlMs !== null) this.#timer = setInterval(() => this.#look(), ttlMs).unref()
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  #look(): void {
    const { resolver, config, used, onChange } = this.#options
    let now: ConnectorConfig
    try {
      now = resolver.resolve(config).config
    } catch {
      // A file that is just being replaced: what is used goes on until there is something else.
      return
    }
    if (Object.entries(now).every(([name, value]) => used[name] === value)) return
    this[Symbol.dispose]()
    onChange()
  }
}
