import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../api/errors.ts'

export const PLUGIN_KINDS = ['source', 'sink', 'transformation'] as const
export type PluginKind = (typeof PLUGIN_KINDS)[number]

const templates = fileURLToPath(new URL('../../examples/plugins', import.meta.url))

/** From the template to the new directory; a leading dot would keep the file out of the npm package. */
const FILES: readonly (readonly [template: string, file: string])[] = [
  ['common/package.json', 'package.json'],
  ['common/tsconfig.json', 'tsconfig.json'],
  ['common/tsconfig.build.json', 'tsconfig.build.json'],
  ['common/README.md', 'README.md'],
  ['common/gitignore', '.gitignore'],
  ['KIND/src/plugin.ts', 'src/plugin.ts'],
  ['KIND/test/plugin.test.ts', 'test/plugin.test.ts'],
  ['KIND/connector.json', 'connector.json'],
]

/** `tailrace create-plugin`: a directory with a plugin that works, to be changed. Throws `ConfigError`. */
export async function createPlugin(place: string, kind: PluginKind, version: string): Promise<void> {
  const directory = resolve(place)
  const name = basename(directory)
  if (!/^[a-z][a-z0-9._-]*$/.test(name) || name.length > 200) {
    throw new ConfigError(
      'cli.plugin-name-invalid',
      `${name} cannot be the name of a package: small letters, digits, dots and dashes, the first one a letter`,
    )
  }
  if (existsSync(directory)) {
    throw new ConfigError('cli.plugin-name-invalid', `${directory} is there already; choose another name`)
  }
  for (const [template, file] of FILES) {
    const text = await readFile(join(templates, template.replace('KIND', kind)), 'utf8')
    const target = join(directory, file)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, named(text, name, kind, version), { flag: 'wx' })
  }
  console.log(`Created ${directory}: a ${kind}, ${classNameOf(name, kind)}`)
  console.log(`\n  cd ${place}\n  npm install\n  npm test\n\nREADME.md there says how a worker gets it.`)
}

function named(text: string, name: string, kind: PluginKind, version: string): string {
  const className = classNameOf(name, kind)
  const stem = pascalCase(name)
  const ending = { source: 'Source', sink: 'Sink', transformation: 'Transformation' }[kind]
  return text
    .replaceAll('tailrace-plugin-example', name)
    .replaceAll('TAILRACE_RANGE', `^${version}`)
    .replaceAll('KIND', kind)
    .replaceAll(`Example${kind === 'transformation' ? 'Transformation' : `${ending}Connector`}`, className)
    .replaceAll(`Example${ending}Task`, `${stem}${ending}Task`)
    .replaceAll(`example${ending}`, `${stem[0]!.toLowerCase()}${stem.slice(1)}${ending}`)
}

function classNameOf(name: string, kind: PluginKind): string {
  const ending = { source: 'SourceConnector', sink: 'SinkConnector', transformation: 'Transformation' }[kind]
  return `${pascalCase(name)}${ending}`
}

/** `my-clock` is MyClock; what the kind says anyway is left out: `my-clock-source`, `tailrace-connector-clock`. */
function pascalCase(name: string): string {
  const words = name.split(/[^a-z0-9]+/).filter((word) => word !== '')
  const telling = words.filter(
    (word) => !['tailrace', 'connector', 'plugin', 'source', 'sink', 'transformation'].includes(word),
  )
  return (telling.length === 0 ? words : telling)
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('')
}
