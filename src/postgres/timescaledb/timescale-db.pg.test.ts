import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../test/servers/postgres.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { Transformation } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { structSchema, type Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { RecordTemplate, StructTemplate } from '../../api/template.ts'
import { timescaleDb } from './timescale-db.ts'

const TEXT: Schema = { type: 'string', optional: true }
const SOURCE = structSchema(['schema', 'table'].map((name) => ({ name, schema: TEXT })))
const ENVELOPE = structSchema([{ name: 'source', schema: SOURCE }], { name: 'p.Envelope' })
const INTERNAL = '_timescaledb_internal'

let server: PostgresServer
const warnings: unknown[] = []
const log: TaskLogger = { debug() {}, info() {}, warn: (fields) => warnings.push(fields), error() {} }

/** As much of TimescaleDB's catalog as is looked at. */
const CATALOG = `
  insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    select 99999, 'timescaledb', 10, oid, false, '2.17.0' from pg_namespace where nspname = 'public';
  create schema _timescaledb_catalog;
  create table _timescaledb_catalog.hypertable (id int primary key, schema_name name, table_name name);
  create table _timescaledb_catalog.chunk (id int primary key, hypertable_id int, schema_name name, table_name name);
  create table _timescaledb_catalog.continuous_agg (mat_hypertable_id int primary key, user_view_schema name, user_view_name name);
  insert into _timescaledb_catalog.hypertable values
    (1, 'public', 'conditions'), (2, '${INTERNAL}', '_materialized_hypertable_2');
  insert into _timescaledb_catalog.chunk values
    (1, 1, '${INTERNAL}', '_hyper_1_1_chunk'), (2, 2, '${INTERNAL}', '_hyper_2_2_chunk');
  insert into _timescaledb_catalog.continuous_agg values (2, 'public', 'summary')`

before(async () => {
  server = await startPostgres()
  await server.query('create database catalog')
  await server.query(CATALOG, 'catalog')
})
after(() => server.stop())

function open(config: Record<string, string> = {}, database = 'catalog'): Transformation {
  return timescaleDb.create(
    {
      'database.hostname': server.host,
      'database.port': String(server.port),
      'database.user': server.user,
      'database.password': server.password,
      'database.dbname': database,
      ...config,
    },
    { log, tracing: null },
  )
}

function changeOf(schema: string | null, table: string | null): ConnectRecord {
  return {
    topic: 'p.old',
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: ENVELOPE,
    value: new ValueStruct(ENVELOPE, [new ValueStruct(SOURCE, [schema, table])]),
    timestamp: null,
    headers: [],
  }
}

async function applied(transformation: Transformation, schema: string | null, table: string | null) {
  const given = changeOf(schema, table)
  await transformation.prepare!(given)
  const record = transformation.apply(given)!
  assert.ok(isStruct(record.value))
  const source = record.value.at(0)
  assert.ok(isStruct(source))
  return [record.topic, source.at(0), source.at(1), ...record.headers.map(({ name, value }) => [name, value])]
}

function templateOf(schema: string, table: string): RecordTemplate {
  const constant = (value: string) => ({ kind: 'constant', schema: TEXT, value }) as const
  const source = { kind: 'struct', schema: SOURCE, fields: [constant(schema), constant(table)] } as const
  return {
    topic: 'p.old',
    key: null,
    value: { kind: 'struct', schema: ENVELOPE, fields: [source] },
    headers: [],
  }
}

const chunkHeaders = (table: string) => [
  ['__debezium_timescaledb_chunk_table', table],
  ['__debezium_timescaledb_chunk_schema', INTERNAL],
]
const AGGREGATE = [
  'mine.public.summary',
  'public',
  'summary',
  ...chunkHeaders('_hyper_2_2_chunk'),
  ['__debezium_timescaledb_hypertable_table', '_materialized_hypertable_2'],
  ['__debezium_timescaledb_hypertable_schema', INTERNAL],
]

test('changes of chunks are those of their hypertable, or of the aggregate that it holds', async () => {
  const transformation = open()
  assert.deepEqual(await applied(transformation, INTERNAL, '_hyper_1_1_chunk'), [
    'timescaledb.public.conditions',
    'public',
    'conditions',
    ...chunkHeaders('_hyper_1_1_chunk'),
  ])
  const other = open({ 'target.topic.prefix': 'mine' })
  assert.deepEqual(await applied(other, INTERNAL, '_hyper_2_2_chunk'), AGGREGATE)
})

test('changes of other tables pass without a look at the database', async () => {
  const transformation = open({}, 'there_is_no_such_database')
  for (const [schema, table] of [
    ['public', 'conditions'],
    [null, 'x'],
    [INTERNAL, null],
  ] as const) {
    const given = changeOf(schema, table)
    assert.equal(transformation.prepare!(given), null)
    assert.equal(transformation.apply(given), given)
  }
  await assert.rejects(() => transformation.prepare!(changeOf(INTERNAL, 'x'))!, /there_is_no_such_database/)
  await assert.rejects(
    () => open({}, 'postgres').prepare!(changeOf(INTERNAL, 'x'))!,
    /TimescaleDB extension is not installed in the database postgres/,
  )
})

test('a chunk that is new is found, and a table that is none is told once', async () => {
  const transformation = open()
  const table = 'orphan'
  warnings.length = 0
  assert.equal((await applied(transformation, INTERNAL, table))[0], 'p.old')
  assert.equal(transformation.prepare!(changeOf(INTERNAL, table)), null)
  assert.deepEqual(warnings, [{ schema: INTERNAL, table }])
  const later = '_hyper_1_10_chunk'
  await server.query(
    `insert into _timescaledb_catalog.chunk values (10, 1, '${INTERNAL}', '${later}')`,
    'catalog',
  )
  assert.equal((await applied(transformation, INTERNAL, later))[0], 'timescaledb.public.conditions')
})

test('a chunk that was dropped meanwhile is told by its name', async () => {
  const [topic] = await applied(open(), INTERNAL, '_hyper_1_77_chunk')
  assert.equal(topic, 'timescaledb.public.conditions')
})

test('the tombstone after a delete goes where the delete went', async () => {
  const transformation = open()
  await applied(transformation, INTERNAL, '_hyper_1_1_chunk')
  const tombstone = { ...changeOf(null, null), valueSchema: null, value: null }
  const record = transformation.apply(tombstone)!
  assert.equal(record.topic, 'timescaledb.public.conditions')
  assert.equal(record.headers.length, 2)
  const other = { ...tombstone, topic: 'p.other' }
  assert.equal(transformation.apply(other), other)
})

test('a catalog without the names of chunks, as from version 2.29 on', async () => {
  await server.query('create database later')
  await server.query(CATALOG, 'later')
  await server.query(`create schema ${INTERNAL}; create table ${INTERNAL}."a chunk"()`, 'later')
  await server.query(
    `alter table _timescaledb_catalog.chunk drop column schema_name, drop column table_name, add column relid oid;
      insert into _timescaledb_catalog.chunk values (9, 1, '${INTERNAL}."a chunk"'::regclass)`,
    'later',
  )
  const [topic] = await applied(open({}, 'later'), INTERNAL, 'a chunk')
  assert.equal(topic, 'timescaledb.public.conditions')
})

test('templates are renamed as records are', async () => {
  const transformation = open({ 'target.topic.prefix': 'mine' })
  const template = templateOf(INTERNAL, '_hyper_2_2_chunk')
  await transformation.prepareToCompile!(template)
  const compiled = transformation.compile!(template) as RecordTemplate
  const [source] = (compiled.value as StructTemplate).fields as readonly [StructTemplate]
  const valueOf = (field: unknown) => (field as { readonly value: unknown }).value
  assert.deepEqual(
    [
      compiled.topic,
      ...source.fields.map(valueOf),
      ...compiled.headers.map((h) => [h.name, valueOf(h.value)]),
    ],
    AGGREGATE,
  )
  const tombstone = { ...template, value: null }
  assert.equal((transformation.compile!(tombstone) as RecordTemplate).topic, 'mine.public.summary')
  assert.equal(transformation.compile!({ ...tombstone, topic: 'p.unknown' }), null)
  const other = templateOf('public', 'conditions')
  assert.equal(transformation.compile!(other), other)
})

test('schema.list names other schemas', async () => {
  const transformation = open({ 'schema.list': 'public, chunks' })
  assert.equal(transformation.prepare!(changeOf(INTERNAL, '_hyper_1_1_chunk')), null)
  await server.query("insert into _timescaledb_catalog.chunk values (20, 1, 'chunks', 'c')", 'catalog')
  assert.equal((await applied(transformation, 'chunks', 'c'))[0], 'timescaledb.public.conditions')
})
