import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '../../api/errors.ts'

/**
 * Where the module of an entry of `plugins` is: a file (`./x.ts`, `/x.js`), or an npm package that is installed for the
 * directory. Throws `ConfigError`.
 */
export function locatePlugin(name: string, directory: string): URL {
  if (/^\.{1,2}\//.test(name) || isAbsolute(name)) {
    const file = resolve(directory, name)
    if (existsSync(file)) return pathToFileURL(file)
    throw notFound(name, `there is no file ${file}`)
  }
  try {
    return pathToFileURL(createRequire(join(directory, 'worker.js')).resolve(name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
      const entry = importEntry(name, directory)
      if (entry !== null) return pathToFileURL(entry)
    }
    throw notFound(name, `npm install ${name} in ${directory} brings it, if it is a package`)
  }
}

/** What a package exports to `import` alone; `require` does not see it. */
function importEntry(name: string, directory: string): string | null {
  for (let place = directory; ; place = dirname(place)) {
    const home = join(place, 'node_modules', name)
    if (existsSync(join(home, 'package.json'))) {
      const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
        exports?: unknown
      }
      const target = importTarget(exports)
      return target === null ? null : join(home, target)
    }
    if (place === dirname(place)) return null
  }
}

function importTarget(exports: unknown): string | null {
  if (typeof exports === 'string') return exports
  if (typeof exports !== 'object' || exports === null) return null
  const conditions = exports as Readonly<Record<string, unknown>>
  for (const condition of ['.', 'node', 'import', 'default']) {
    const target = importTarget(conditions[condition])
    if (target !== null) return target
  }
  return null
}

function notFound(name: string, hint: string): ConfigError {
  return new ConfigError('connect.plugin-broken', `Plugin ${name} (option plugins) was not found: ${hint}`)
}
