import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { SchemaRegistry } from '../servers/schema-registry.ts'
import { startSearch, type SearchServer } from '../servers/search.ts'
import { untilStreamed } from '../servers/streaming.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

const TABLE = `CREATE TABLE things (
  id bigint PRIMARY KEY, small smallint NOT NULL DEFAULT 7, name text, price numeric(10,2), ratio real, precise double precision,
  ok boolean, day date, at timestamp(3), moment timestamptz, clock time, raw bytea, tags text[], doc jsonb, code uuid)`
const ROWS = `INSERT INTO things
  SELECT i * 9007199254740, i % 100, CASE WHEN i % 3 = 0 THEN NULL ELSE 'n\u00e9' || i END, i * 1.25, i / 7.0, i / 3.0,
    i % 2 = 0, DATE '2024-02-29' + i, TIMESTAMP '2024-02-29 12:00:00.123' + i * INTERVAL '1 hour',
    TIMESTAMPTZ '2024-02-29 12:00:00.123456+02' + i * INTERVAL '1 hour', TIME '12:34:56.789', decode(lpad(to_hex(i), 4, '0'), 'hex'),
    ARRAY['a', NULL, i::text], jsonb_build_object('i', i), gen_random_uuid() FROM generate_series(1, 200) AS i`
const DOCUMENTS = 203

const CONVERTERS = {
  json: { class: 'org.apache.kafka.connect.json.JsonConverter', options: { 'schemas.enable': 'true' } },
  avro: { class: 'io.confluent.connect.avro.AvroConverter', options: {} },
  jsonschema: { class: 'io.confluent.connect.json.JsonSchemaConverter', options: {} },
  protobuf: {
    class: 'io.confluent.connect.protobuf.ProtobufConverter',
    // Without its package the name of an envelope is not known as one.
    options: { 'optional.for.nullables': 'true', 'enhanced.protobuf.schema.support': 'true' },
  },
} as const

let postgres: PostgresServer
let search: SearchServer
let registry: SchemaRegistry
let worker: WorkerProcess

before(async () => {
  postgres = await startPostgres()
  search = await startSearch()
  registry = await SchemaRegistry.start()
  worker = await startWorker()
})
after(async () => {
  await worker?.[Symbol.asyncDispose]()
  await registry?.[Symbol.asyncDispose]()
  await search?.stop()
  await postgres?.stop()
})

function converters(kind: keyof typeof CONVERTERS): Record<string, string> {
  const { class: className, options } = CONVERTERS[kind]
  const config: Record<string, string> = {}
  for (const role of ['key', 'value']) {
    config[`${role}.converter`] = className
    const all: Record<string, string> =
      kind === 'json' ? options : { 'schema.registry.url': registry.url, 'max.retries': '0', ...options }
    for (const [name, value] of Object.entries(all)) config[`${role}.converter.${name}`] = value
  }
  return config
}

async function connect(name: string, config: Record<string, string>): Promise<void> {
  const { status, body } = await worker.rest('PUT', `/connectors/${name}/config`, config)
  assert.equal(status, 201, JSON.stringify(body))
}

async function documents(index: string): Promise<Map<string, Record<string, unknown>>> {
  let found = 0
  return waitFor(`${DOCUMENTS} documents in ${index}`, async () => {
    const answer = await fetch(`${search.url}/${index}/_search?size=1000`)
    const { hits } = (await answer.json()) as {
      hits?: { hits: { _id: string; _source: Record<string, unknown> }[] }
    }
    found = hits?.hits.length ?? 0
    if (found !== DOCUMENTS) return undefined
    return new Map(hits!.hits.map(({ _id, _source }) => [_id.replace(/^[a-z]+\./, ''), _source]))
  }).catch(async (error: unknown) => {
    const { body } = await worker.rest('GET', '/connectors?expand=status')
    const said = `${found} were there; ${JSON.stringify(body)}\n${worker.output.slice(-5000)}`
    throw new Error(said, { cause: error })
  })
}

test('Documents that went through a registry, away for a while, are those that went through JSON with schemas', async () => {
  await postgres.query(TABLE)
  await postgres.query(ROWS)
  for (const kind of Object.keys(CONVERTERS) as (keyof typeof CONVERTERS)[]) {
    await connect(`source-${kind}`, {
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'database.hostname': postgres.host,
      'database.port': String(postgres.port),
      'database.user': 'postgres',
      'database.password': postgres.password,
      'database.dbname': 'postgres',
      'topic.prefix': kind,
      'plugin.name': 'pgoutput',
      'slot.name': `slot_${kind}`,
      'publication.name': `publication_${kind}`,
      'table.include.list': 'public.things',
      // Its lists have nulls, which Protobuf does not know.
      ...(kind === 'protobuf' && { 'column.exclude.list': 'public.things.tags' }),
      ...converters(kind),
    })
    await connect(`sink-${kind}`, {
      'connector.class': 'io.confluent.connect.elasticsearch.ElasticsearchSinkConnector',
      topics: `${kind}.public.things`,
      'connection.url': search.url,
      'key.ignore': 'true',
      'schema.ignore': 'true',
      transforms: 'unwrap',
      'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
      'transforms.unwrap.add.fields': 'op',
      'errors.tolerance': 'none',
      ...converters(kind),
    })
    await untilStreamed(postgres, `slot_${kind}`)
  }
  await postgres.query(`UPDATE things SET name = 'x' WHERE id = 9007199254740`)
  // The schema of rows with one more column is new; the registry is away just then, for sources and sinks.
  registry.failing = { status: 503, times: 2 }
  await postgres.query('ALTER TABLE things ADD COLUMN extra int DEFAULT 5')
  await postgres.query(`UPDATE things SET price = NULL WHERE id = ${2 * 9007199254740}`)
  await postgres.query(`INSERT INTO things (id, price) VALUES (9223372036854775807, -0.01)`)

  const expected = await documents('json.public.things')
  for (const kind of ['avro', 'jsonschema']) {
    assert.deepEqual(await documents(`${kind}.public.things`), expected)
  }
  for (const document of expected.values()) delete document['tags']
  assert.deepEqual(await documents('protobuf.public.things'), expected)
  const key =
    '{"type":"record","name":"Key","namespace":"avro.public.things","fields":[{"name":"id","type":"long"}]'
  assert.ok(registry.schemas('avro.public.things-key')[0]!.startsWith(key))
  assert.equal(registry.schemas('avro.public.things-value').length, 2)
})
