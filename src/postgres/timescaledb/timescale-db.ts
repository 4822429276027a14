import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import { isEnvelope } from '../../api/envelope-schema.ts'
import type { Transformation, TransformationContext, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { fieldIndex, primitiveSchema } from '../../api/schema.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { RecordTemplate, StructTemplate, Template } from '../../api/template.ts'
import { parsePostgresOptions, postgresOptionDefinitions } from '../options/postgres-options.ts'
import { TimescaleCatalog, type ChunkOwner, type TableName } from './timescale-catalog.ts'

const STRING = primitiveSchema('string')
const PREFIX = '__debezium_timescaledb_'
const CONNECTION = [
  ...([
    'database.hostname',
    'database.port',
    'database.user',
    'database.password',
    'database.dbname',
  ] as const),
  ...(['database.sslmode', 'database.sslcert', 'database.sslkey', 'database.sslpassword'] as const),
  ...(['database.sslrootcert', 'database.query.timeout.ms'] as const),
] as const

const options = {
  'schema.list': {
    type: 'LIST',
    default: ['_timescaledb_internal'],
    importance: 'HIGH',
    width: 'MEDIUM',
    displayName: 'The list of TimescaleDB data schemas',
    documentation: 'The schemas that hold chunks; changes of other tables pass as they are.',
  },
  'target.topic.prefix': {
    type: 'STRING',
    default: 'timescaledb',
    importance: 'MEDIUM',
    width: 'MEDIUM',
    displayName: 'The prefix of TimescaleDB topic names',
    documentation: 'What the topics of hypertables and aggregates begin with, before their schema and name.',
  },
  ...pick(postgresOptionDefinitions, CONNECTION),
} as const satisfies OptionDefinitions

function pick<D extends OptionDefinitions, K extends keyof D>(
  definitions: D,
  names: readonly K[],
): Pick<D, K> {
  return Object.fromEntries(names.map((name) => [name, definitions[name]])) as Pick<D, K>
}

const configDef = new ConfigDef(options)

interface Rename {
  readonly name: TableName
  readonly topic: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
}

/** Debezium's rename of changes of TimescaleDB's chunks to those of their hypertables and continuous aggregates. */
class TimescaleDb implements Transformation {
  readonly #schemas: ReadonlySet<string>
  readonly #topicPrefix: string
  readonly #catalog: TimescaleCatalog
  readonly #log: TransformationContext['log'] | null
  /** What becomes of changes by their topic; null: they stay. Tombstones, which name no table, go the same way. */
  readonly #renames = new Map<string, Rename | null>()

  constructor(
    names: { readonly schemas: readonly string[]; readonly topicPrefix: string },
    catalog: TimescaleCatalog,
    log: TransformationContext['log'] | null,
  ) {
    this.#schemas = new Set(names.schemas)
    this.#topicPrefix = names.topicPrefix
    this.#catalog = catalog
    this.#log = log
  }

  prepare(record: ConnectRecord): Promise<void> | null {
    const chunk = this.#chunkOf(record)
    return chunk === null ? null : this.#prepare(chunk)
  }

  apply<R extends ConnectRecord>(record: R): R {
    const rename = record.value === null ? this.#renames.get(record.topic) : this.#renameOf(record)
    if (rename == null) return record
    const { topic, name } = rename
    const value =
      record.value === null
        ? null
        : withField(record.value as Struct, 'source', (source) => renamed(source as Struct, name))
    const headers = rename.headers.map((header) => ({ ...header, schema: STRING }))
    return { ...record, topic, value, headers: [...record.headers, ...headers] }
  }

  prepareToCompile(template: RecordTemplate): Promise<void> | null {
    const chunk = this.#chunkOfTemplate(template)
    return chunk === 'unknown' || chunk === null ? null : this.#prepare(chunk)
  }

  compile(template: RecordTemplate): RecordTemplate | null {
    const rename =
      template.value === null ? this.#renames.get(template.topic) : this.#renameOfTemplate(template)
    if (rename === undefined) return null
    if (rename === null) return template
    const { topic, name } = rename
    const envelope = template.value as StructTemplate | null
    const value =
      envelope === null
        ? null
        : withTemplate(
            envelope,
            'source',
            renamedTemplate(fieldOf(envelope, 'source') as StructTemplate, name),
          )
    const headers = rename.headers.map((header) => ({
      name: header.name,
      value: { kind: 'constant', schema: STRING, value: header.value } as const,
    }))
    return { ...template, topic, value, headers: [...template.headers, ...headers] }
  }

  close(): void {
    this.#catalog.close()
  }

  async #prepareAndTell(loading: Promise<void>, chunk: TableName): Promise<void> {
    await loading
    if (this.#catalog.ownerOf(chunk) === null)
      this.#log?.warn(
        { ...chunk },
        'a table among the chunks of TimescaleDB is none: its changes stay as they are',
      )
  }

  #prepare(chunk: TableName): Promise<void> | null {
    const loading = this.#catalog.prepare(chunk)
    return loading === null ? null : this.#prepareAndTell(loading, chunk)
  }

  #renameOf(record: ConnectRecord): Rename | null {
    if (!isEnvelope(record.valueSchema)) return null
    const chunk = this.#chunkOf(record)
    const owner = chunk && this.#catalog.ownerOf(chunk)
    const rename = chunk === null || owner === null ? null : this.#rename(chunk, owner)
    this.#renames.set(record.topic, rename)
    return rename
  }

  /** Undefined: it is not known yet, or may change. */
  #renameOfTemplate(template: RecordTemplate): Rename | null | undefined {
    const chunk = this.#chunkOfTemplate(template)
    if (chunk === 'unknown') return undefined
    const owner = chunk && this.#catalog.ownerOf(chunk)
    if (chunk !== null && owner === null) return undefined
    const rename = chunk === null || owner === null ? null : this.#rename(chunk, owner)
    this.#renames.set(template.topic, rename)
    return rename
  }

  #rename(chunk: TableName, owner: ChunkOwner): Rename {
    const name = owner.aggregate ?? owner.hypertable
    return { name, topic: this.#topic(name), headers: headersOf(chunk, owner) }
  }

  /** Null: a record that passes as it is. */
  #chunkOf({ valueSchema, value }: ConnectRecord): TableName | null {
    if (!isEnvelope(valueSchema) || !isStruct(value)) return null
    const source = valueOf(value, 'source')
    if (!isStruct(source)) return null
    return this.#chunkNamed(valueOf(source, 'schema'), valueOf(source, 'table'))
  }

  #chunkOfTemplate({ value }: RecordTemplate): TableName | 'unknown' | null {
    if (value === null || !isEnvelope(value.schema)) return null
    const source = value.kind === 'struct' ? fieldOf(value, 'source') : null
    if (source?.kind !== 'struct') return 'unknown'
    const [schema, table] = [fieldOf(source, 'schema'), fieldOf(source, 'table')]
    if (schema?.kind !== 'constant' || table?.kind !== 'constant') return 'unknown'
    return this.#chunkNamed(schema.value, table.value)
  }

  #chunkNamed(schema: unknown, table: unknown): TableName | null {
    if (typeof schema !== 'string' || typeof table !== 'string') return null
    return this.#schemas.has(schema) ? { schema, table } : null
  }

  #topic({ schema, table }: TableName): string {
    return `${this.#topicPrefix}.${schema}.${table}`
  }
}

function headersOf(chunk: TableName, { hypertable, aggregate }: ChunkOwner) {
  const headers = [
    { name: `${PREFIX}chunk_table`, value: chunk.table },
    { name: `${PREFIX}chunk_schema`, value: chunk.schema },
  ]
  if (aggregate === null) return headers
  return [
    ...headers,
    { name: `${PREFIX}hypertable_table`, value: hypertable.table },
    { name: `${PREFIX}hypertable_schema`, value: hypertable.schema },
  ]
}

function valueOf(struct: Struct, name: string) {
  const index = fieldIndex(struct.schema, name)
  return index < 0 ? null : struct.at(index)
}

function fieldOf({ schema, fields }: StructTemplate, name: string): Template | null {
  return fields[fieldIndex(schema, name)] ?? null
}

type Value = ReturnType<Struct['at']>

function withField(struct: Struct, name: string, change: (value: Value) => Value): ValueStruct {
  const { schema } = struct
  const values = schema.fields!.map((field, i) => (field.name === name ? change(struct.at(i)) : struct.at(i)))
  return new ValueStruct(schema, values)
}

function renamed(source: Struct, { schema, table }: TableName): Struct {
  return withField(
    withField(source, 'schema', () => schema),
    'table',
    () => table,
  )
}

function withTemplate(struct: StructTemplate, name: string, field: Template): StructTemplate {
  return { ...struct, fields: struct.fields.with(fieldIndex(struct.schema, name), field) }
}

function renamedTemplate(source: StructTemplate, { schema, table }: TableName): StructTemplate {
  const constant = (name: string, value: string): Template => ({
    kind: 'constant',
    schema: fieldOf(source, name)!.schema,
    value,
  })
  return withTemplate(
    withTemplate(source, 'schema', constant('schema', schema)),
    'table',
    constant('table', table),
  )
}

export const timescaleDb: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.connector.postgresql.transforms.timescaledb.TimescaleDb',
  version: '3.7.0.Final',
  configDef,
  create(config, context) {
    const parsed = configDef.parse(config)
    // A name that connectors must have, and that nothing here is made of.
    const connection = parsePostgresOptions({ 'topic.prefix': 'timescaledb', ...config })
    return new TimescaleDb(
      { schemas: parsed['schema.list'], topicPrefix: parsed['target.topic.prefix'] },
      new TimescaleCatalog(connection),
      context?.log ?? null,
    )
  },
}
