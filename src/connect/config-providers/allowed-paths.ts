import { realpathSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { ConfigError } from '../../api/errors.ts'
import { listOf } from '../config/list-of.ts'
import type { ProviderParameters } from './config-provider.ts'

/**
 * Which files a provider may open (`allowed.paths`; all without it). Whoever can post a configuration names the paths, so
 * links are followed before they are judged.
 */
export class AllowedPaths {
  /** Null: all. */
  readonly #roots: readonly string[] | null

  /** Throws `ConfigError` for a path that is not absolute or does not exist. */
  constructor(provider: string, parameters: ProviderParameters) {
    const paths = listOf(parameters['allowed.paths'])
    this.#roots = paths.length === 0 ? null : paths.map((path) => existing(provider, path))
  }

  /** The file that a path leads to. Throws `ConfigError` where it does not exist or is not allowed. */
  open(path: string): string {
    let real: string
    try {
      real = realpathSync(resolve(path))
    } catch (cause) {
      throw new ConfigError('connect.config-provider-failed', `Could not read properties from file ${path}`, {
        cause,
      })
    }
    if (this.#roots?.some((root) => isWithin(root, real)) === false) {
      throw new ConfigError(
        'connect.config-provider-failed',
        `The path ${path} is not allowed: it lies outside of the provider's allowed.paths`,
      )
    }
    return real
  }
}

function existing(provider: string, path: string): string {
  try {
    if (isAbsolute(path)) return realpathSync(path)
  } catch {
    // Said below.
  }
  throw new ConfigError(
    'connect.config-invalid',
    `Path ${path} in config.providers.${provider}.param.allowed.paths is not valid. The path should be absolute and exist`,
  )
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
