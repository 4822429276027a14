import { ConfigError } from '../../api/errors.ts'
import { PluginCatalogue, type PluginCatalogueEntry } from '../plugin-catalogue.ts'
import type { WorkerConfig } from './worker-config.ts'

/** Names below these belong to a plugin, or to a name of the user's own. */
const PREFIXES = ['key.converter.', 'value.converter.', 'header.converter.', 'config.providers.']
/** What older workers called their listener; the command line knows them. */
const LEGACY = ['rest.port', 'rest.host.name']

/** Refuses a worker whose own converters are not there: every connector that names none would fail. Throws `ConfigError`. */
export function requireConverters({ options }: WorkerConfig, entries: readonly PluginCatalogueEntry[]): void {
  const catalogue = new PluginCatalogue(entries)
  const types = {
    'key.converter': 'converter',
    'value.converter': 'converter',
    'header.converter': 'header_converter',
  } as const
  const problems = (['key.converter', 'value.converter', 'header.converter'] as const)
    .filter((option) => catalogue.find(options[option], types[option]) === null)
    .map((option) => {
      const known = entries.filter(({ type }) => type === types[option]).map(({ className }) => className)
      return (
        `Invalid value ${options[option]} for configuration ${option}: Class ${options[option]} could not be found. ` +
        `There are ${known.join(', ')}`
      )
    })
  if (problems.length > 0) throw new ConfigError('connect.config-invalid', problems.join('\n'))
}

/** Properties without an effect here: those of Kafka in a copied file, and misspelt ones. */
export function ignoredProperties({ options, properties }: WorkerConfig): readonly string[] {
  return Object.keys(properties).filter(
    (name) =>
      !Object.hasOwn(options, name) &&
      !LEGACY.includes(name) &&
      !PREFIXES.some((prefix) => name.startsWith(prefix)),
  )
}
