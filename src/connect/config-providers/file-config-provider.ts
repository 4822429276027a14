import { readFileSync } from 'node:fs'
import { ConfigError } from '../../api/errors.ts'
import { parseProperties } from '../../api/java/java-properties.ts'
import type { AllowedPaths } from './allowed-paths.ts'
import type { ConfigProvider } from './config-provider.ts'

/** Kafka's `FileConfigProvider`: the path is a properties file, the key one of its properties. */
export class FileConfigProvider implements ConfigProvider {
  readonly #paths: AllowedPaths

  constructor(paths: AllowedPaths) {
    this.#paths = paths
  }

  value(path: string, key: string): string | null {
    if (path === '') return null
    const file = this.#paths.open(path)
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (cause) {
      throw new ConfigError('connect.config-provider-failed', `Could not read properties from file ${path}`, {
        cause,
      })
    }
    const properties = parseProperties(text)
    return Object.hasOwn(properties, key) ? properties[key]! : null
  }
}
