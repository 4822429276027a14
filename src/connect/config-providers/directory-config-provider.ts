import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ConfigError } from '../../api/errors.ts'
import type { AllowedPaths } from './allowed-paths.ts'
import type { ConfigProvider } from './config-provider.ts'

/** Kafka's `DirectoryConfigProvider`: the path is a directory, the key a file in it, the value all that the file holds. */
export class DirectoryConfigProvider implements ConfigProvider {
  readonly #paths: AllowedPaths

  constructor(paths: AllowedPaths) {
    this.#paths = paths
  }

  value(path: string, key: string): string | null {
    if (path === '' || key === '' || basename(key) !== key) return null
    const place = join(this.#paths.open(path), key)
    if (statSync(place, { throwIfNoEntry: false })?.isFile() !== true) return null
    const file = this.#paths.open(place)
    try {
      return readFileSync(file, 'utf8')
    } catch (cause) {
      throw new ConfigError(
        'connect.config-provider-failed',
        `Could not read file ${join(path, key)} for property ${key}`,
        { cause },
      )
    }
  }
}
