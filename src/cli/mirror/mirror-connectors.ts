import { topicNaming } from '../../postgres/options/topic-naming.ts'
import type { ConnectorFile } from '../manage-connectors.ts'
import { searchConnection } from '../search-connection.ts'
import { refusal, type MirroredTable } from './mirrored-tables.ts'

/** The two connectors of a mirror. */
export interface Mirror {
  readonly source: ConnectorFile
  readonly sink: ConnectorFile
}

export interface MirrorRequest {
  readonly name: string
  readonly postgres: string
  readonly elasticsearch: string
  readonly tables: readonly Pick<MirroredTable, 'schema' | 'table'>[]
  /** Options beside or in place of those below: `NAME=VALUE`. */
  readonly sourceOptions: readonly string[]
  readonly sinkOptions: readonly string[]
}

type Config = Record<string, string>

export const sourceName = (name: string): string => `${name}-source`
export const sinkName = (name: string): string => `${name}-sink`
/** Slots are named with `a-z0-9_`, at most 63 of them. */
export const slotName = (name: string): string =>
  `tailrace_${name.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`.slice(0, 63)

/** The connectors that keep an index for each table. Throws `cli.mirror-refused`. */
export function mirrorConnectors(request: MirrorRequest): Mirror {
  const { name, tables, sourceOptions, sinkOptions } = request
  const naming = topicNaming({ 'topic.prefix': name })
  const topics = tables.map(({ schema, table }) => naming.table(schema, table))
  const source: Config = {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    ...databaseOptions(new URL(request.postgres)),
    'topic.prefix': name,
    ...(tables.length === 0
      ? {}
      : { 'table.include.list': tables.map(({ schema, table }) => literal(`${schema}.${table}`)).join(',') }),
    'plugin.name': 'pgoutput',
    'slot.name': slotName(name),
    'publication.name': slotName(name),
    'publication.autocreate.mode': 'filtered',
    // A table that is named by a later run.
    'snapshot.new.tables': 'auto',
    'unchanged.values.header': 'true',
    // How soon the server, and so `--once`, hears of what was read where nothing is captured.
    'status.update.interval.ms': '1000',
    // As a search server understands them by itself.
    'value.numeric.form': 'number',
    'value.time.form': 'iso',
    ...JSON_WITHOUT_SCHEMAS,
    ...optionsOf(sourceOptions),
  }
  const sink: Config = {
    'connector.class': 'io.confluent.connect.elasticsearch.ElasticsearchSinkConnector',
    topics: topics.join(','),
    ...searchConnection(request.elasticsearch),
    mode: 'mirror',
    ...JSON_WITHOUT_SCHEMAS,
    ...optionsOf(sinkOptions),
  }
  return {
    source: { name: sourceName(name), config: source },
    sink: { name: sinkName(name), config: sink },
  }
}

/** A schema on every record would be most of the log; types come from the forms of the values. */
const JSON_WITHOUT_SCHEMAS = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
  // A null in a column with a default is a null.
  'value.converter.replace.null.with.default': 'false',
}

/** Tables that an earlier run mirrors go on, whether this one names them or not. */
export function withTablesOf({ source, sink }: Mirror, known: { source?: Config; sink?: Config }): Mirror {
  const merged = ({ name, config }: ConnectorFile, earlier: Config | undefined, option: string) => {
    const names = [earlier?.[option] ?? '', config[option]!].flatMap((list) => list.split(','))
    return { name, config: { ...config, [option]: [...new Set(names.filter(Boolean))].join(',') } }
  }
  return {
    source: merged(source, known.source, 'table.include.list'),
    sink: merged(sink, known.sink, 'topics'),
  }
}

function databaseOptions(url: URL): Config {
  const { sslmode, ...others } = Object.fromEntries(url.searchParams)
  const [other] = Object.keys(others)
  if (other !== undefined) {
    throw refusal(
      `--postgres: the parameter ${other} is not known here; give it with --source-option NAME=VALUE`,
    )
  }
  return {
    'database.hostname': url.hostname.replace(/^\[|\]$/g, ''),
    'database.port': url.port || '5432',
    'database.user': decodeURIComponent(url.username),
    ...(url.password === '' ? {} : { 'database.password': decodeURIComponent(url.password) }),
    'database.dbname': databaseOf(url),
    ...(sslmode === undefined ? {} : { 'database.sslmode': sslmode }),
  }
}

/** As `libpq` has it: the user's own database where none is named. */
export function databaseOf(url: URL): string {
  return decodeURIComponent(url.pathname.slice(1) || url.username)
}

function optionsOf(pairs: readonly string[]): Config {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw refusal(`--source-option and --sink-option are NAME=VALUE, not ${pair}`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** The pattern of exactly this name; a comma would end it. */
function literal(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll(',', '\\x2C')
}
