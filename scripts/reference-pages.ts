import type { ConfigDef, OptionDefinition, OptionDefinitions } from '../src/api/config-def.ts'
import { builtInPlugins } from '../src/cli/catalogue.ts'
import { groupConfigDef } from '../src/cli/group-properties.ts'
import { kafkaConfigDef } from '../src/cli/kafka-properties.ts'
import { connectorOptions } from '../src/connect/config/connector-options.ts'
import { PluginCatalogue, type PluginCatalogueEntry } from '../src/connect/plugin-catalogue.ts'
import { workerConfigDef } from '../src/connect/config/worker-config.ts'
import { tlsConfigDef } from '../src/rest/listener/listener-tls.ts'

/** Pages of plugins that have no page of their own, by the plugins' types. */
const COLLECTED: readonly {
  readonly file: string
  readonly title: string
  readonly types: readonly string[]
}[] = [
  { file: 'converters', title: 'Converters', types: ['converter', 'header_converter'] },
  { file: 'transformations', title: 'Transformations', types: ['transformation'] },
  { file: 'predicates', title: 'Predicates', types: ['predicate'] },
]

/** The pages of `docs/reference/`, by file name: every option of every plugin, from the definitions that check them. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>()
  const connectors = builtInPlugins.filter(({ type }) => type === 'source' || type === 'sink')
  const links: string[] = []
  const link = (file: string, title: string) => links.push(`- [${title}](${file}.md)`)
  link('worker', 'Properties of the worker')
  pages.set('worker.md', workerPage())
  link('connectors', 'Options that every connector has')
  pages.set('connectors.md', commonPage())
  for (const entry of connectors) {
    const file = fileOf(entry)
    link(file, `\`${simpleName(entry.className)}\``)
    pages.set(`${file}.md`, await connectorPage(entry))
  }
  for (const { file, title, types } of COLLECTED) {
    link(file, title)
    pages.set(
      `${file}.md`,
      await collectedPage(
        title,
        builtInPlugins.filter(({ type }) => types.includes(type)),
      ),
    )
  }
  pages.set('README.md', `# Options\n\n${WRITTEN}\n\n${links.join('\n')}\n`)
  return pages
}

const WRITTEN =
  'These pages are written by `npm run docs` from the definitions that the worker checks configurations with. What an option of\n' +
  'the reference does differently here is in [differences](../differences.md).'

function workerPage(): string {
  return [
    '# Properties of the worker\n',
    'In the file that `tailrace worker` is given, or as `CONNECT_…` in its environment. Other properties of Kafka Connect have no effect',
    'and are named in the log when the worker starts.\n',
    table(workerConfigDef.options),
    '## TLS of its listeners\n',
    'With `listeners.https.` or `admin.listeners.https.` before them they are those of such listeners.\n',
    table(tlsConfigDef.options),
    '## On Kafka\n',
    'With `bootstrap.servers`, beside the logins and certificates of a Kafka client ([on Kafka](../kafka.md)).\n',
    table(kafkaConfigDef.options),
    '## In a group\n',
    table(groupConfigDef.options),
  ].join('\n')
}

function commonPage(): string {
  const catalogue = new PluginCatalogue(builtInPlugins)
  const of = (type: 'source' | 'sink') => connectorOptions({ type, version: '' }, catalogue, null)
  const [source, sink] = [of('source'), of('sink')]
  const pick = (options: OptionDefinitions, isWanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(options).filter(([name]) => isWanted(name)))
  return [
    '# Options that every connector has\n',
    'Beside them: `transforms.NAME.*` and `predicates.NAME.*`, of [transformations](transformations.md) and [predicates](predicates.md);',
    '`key.converter.*`, `value.converter.*` and `header.converter.*`, of [converters](converters.md).\n',
    `## Sources and sinks\n\n${table(pick(source, (name) => name in sink))}`,
    `## Sources\n\n${table(pick(source, (name) => !(name in sink)))}`,
    `## Sinks\n\n${table(pick(sink, (name) => !(name in source)))}`,
  ].join('\n')
}

async function connectorPage(entry: PluginCatalogueEntry): Promise<string> {
  const { configDef } = await entry.load()
  const names = [entry.className, ...(entry.aliases ?? [])].map((name) => `\`${name}\``)
  return [
    `# ${simpleName(entry.className)}\n`,
    `\`connector.class\`: ${names.join(', or ')}. A ${entry.type}; beside its own options it has [those of every connector](connectors.md).\n`,
    ...[...byGroup(configDef)].map(
      ([group, options]) => `${group === '' ? '' : `## ${group}\n\n`}${table(options)}`,
    ),
  ].join('\n')
}

async function collectedPage(title: string, entries: readonly PluginCatalogueEntry[]): Promise<string> {
  // Those for keys and for values share their definition, and so do converters of both kinds.
  const sections = new Map<string, { readonly names: string[]; readonly configDef: ConfigDef }>()
  for (const entry of entries) {
    const { configDef } = await entry.load()
    const name = entry.className.replace(/\$.*/, '')
    const section = sections.get(name) ?? { names: [], configDef }
    section.names.push(entry.className)
    sections.set(name, section)
  }
  return [
    `# ${title}\n`,
    ...[...sections].map(([name, { names, configDef }]) => {
      const classes = [...new Set(names)].map((className) => `\`${className}\``).join(', ')
      const hasOptions = Object.keys(configDef.options).length > 0
      return `## ${simpleName(name)}\n\n${classes}\n\n${hasOptions ? table(configDef.options) : 'No options.\n'}`
    }),
  ].join('\n')
}

function byGroup({ options }: ConfigDef): ReadonlyMap<string, OptionDefinitions> {
  const groups = new Map<string, Record<string, OptionDefinition>>()
  for (const [name, definition] of Object.entries(options)) {
    const group = groups.get(definition.group ?? '') ?? {}
    group[name] = definition
    groups.set(definition.group ?? '', group)
  }
  return groups
}

function table(options: OptionDefinitions): string {
  const rows = Object.entries(options).map(
    ([name, definition]) =>
      `| \`${name}\` | ${definition.type.toLowerCase()} | ${defaultOf(definition)} | ${cell(definition.documentation)} |`,
  )
  return `| option | type | default | |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function defaultOf({ default: value }: OptionDefinition): string {
  if (value === undefined) return 'required'
  if (value === null || value === '') return ''
  const text = Array.isArray(value) ? value.join(',') : String(value)
  return text === '' ? '' : cell(`\`${text}\``)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', '<br>')
}

/** `PostgresConnector` is written about in `postgres-connector.md`. */
function fileOf({ className }: PluginCatalogueEntry): string {
  return simpleName(className)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase()
}

function simpleName(className: string): string {
  return className.slice(className.lastIndexOf('.') + 1)
}
