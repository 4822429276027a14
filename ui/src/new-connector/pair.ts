import type { Config } from '../config-form/validation.ts'

/** What the template asks for. */
export interface PairSettings {
  readonly host: string
  readonly port: string
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tables: readonly string[]
  readonly url: string
  readonly searchUser: string
  readonly searchPassword: string
  readonly isMirror: boolean
  readonly prefix: string
  readonly sourceName: string
  readonly sinkName: string
}

export const POSTGRES = 'io.debezium.connector.postgresql.PostgresConnector'
const ELASTICSEARCH = 'io.confluent.connect.elasticsearch.ElasticsearchSinkConnector'

export const FIRST_SETTINGS: PairSettings = {
  host: '127.0.0.1',
  port: '5432',
  user: 'postgres',
  password: '',
  database: 'postgres',
  tables: [],
  url: 'http://127.0.0.1:9200',
  searchUser: '',
  searchPassword: '',
  isMirror: true,
  prefix: 'pg',
  sourceName: 'pg-source',
  sinkName: 'pg-index',
}

const CONVERTERS: Config = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

/** The part of the source that reaches its server. */
export function serverConfig({ host, port, user, password, database, prefix }: PairSettings): Config {
  return {
    'connector.class': POSTGRES,
    'database.hostname': host,
    'database.port': port,
    'database.user': user,
    'database.password': password,
    'database.dbname': database,
    'topic.prefix': prefix,
    'plugin.name': 'pgoutput',
  }
}

export function sourceConfig(settings: PairSettings): Config {
  const { sourceName, tables, isMirror } = settings
  // Slots and publications take these letters only.
  const own = sourceName.toLowerCase().replace(/[^a-z0-9_]/g, '_')
  return {
    name: sourceName,
    ...serverConfig(settings),
    'table.include.list': tables.map(asPattern).join(','),
    'slot.name': `tailrace_${own}`,
    'publication.name': `tailrace_${own}`,
    'publication.autocreate.mode': 'filtered',
    ...CONVERTERS,
    ...(isMirror
      ? { 'unchanged.values.header': 'true' }
      : {
          transforms: 'unwrap',
          'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
          'transforms.unwrap.add.fields': 'op,ts_ms',
        }),
  }
}

export function sinkConfig(settings: PairSettings): Config {
  const { sinkName, tables, prefix, url, searchUser, searchPassword, isMirror } = settings
  return {
    name: sinkName,
    'connector.class': ELASTICSEARCH,
    topics: tables.map((table) => `${prefix}.${table}`).join(','),
    'connection.url': url,
    ...(searchUser === ''
      ? {}
      : { 'connection.username': searchUser, 'connection.password': searchPassword }),
    ...CONVERTERS,
    ...(isMirror ? { mode: 'mirror' } : { 'key.ignore': 'true', 'schema.ignore': 'true' }),
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': `${prefix}.dead-letters`,
    'errors.deadletterqueue.topic.replication.factor': '1',
    'errors.deadletterqueue.context.headers.enable': 'true',
  }
}

/** The option takes regular expressions. */
function asPattern(table: string): string {
  return table.replace(/[\\^$*+?()[\]{}|]/g, '\\$&')
}
