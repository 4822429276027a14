import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { waitFor } from '../wait-for.ts'
import { jsonConverter } from '../../src/converters/json-converter.ts'
import { changesOf, TaskScene } from '../../src/postgres/testing/task-scene.ts'
import type { SeenChange } from '../../src/postgres/testing/task-driver.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres()
})

after(() => server.stop())

const json = jsonConverter.create({ 'schemas.enable': 'false' }, 'value')
const withSchema = jsonConverter.create({}, 'value')

/** The JSON text of the row that a change left. */
function rowText({ record }: SeenChange): string {
  const text = Buffer.from(json.fromConnectData('t', record.valueSchema, record.value)!).toString()
  return /"after":(.*?),"source"/s.exec(text)![1]!
}

test('numbers, times, json, hstore, composites and arrays come in the forms that were asked for', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create type part as (name text, size numeric(6,2))',
      'create domain cents as numeric(8,2)',
      `create table t (id int primary key, n numeric, f numeric(30,10), m money, d date, ts timestamp(3),
         j json, b jsonb, p part, ps part[], c cents[], g int[])`,
    ],
    {
      'value.numeric.form': 'number',
      'value.time.form': 'iso',
      'value.json.form': 'object',
      'value.composite.form': 'struct',
      'value.array.form': 'nested',
    },
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(`insert into t values (1, 12345678901234567890.123456789, 1.5, -1234.5, '2024-02-29', '2024-02-29 12:34:56.7',
    E'{"a":\\n[1, 1.10]}', '{"b": 1e400}', '("x ""y"", z",1.25)', '{"(a,1)",NULL}', '{1.5,2}', '{{1,2},{3,NULL}}')`)
  await scene.sql(
    `insert into t values (2, 'NaN', null, null, 'infinity', '0044-03-15 00:00 BC', null, 'null', '(,)', '{}', '{}', '{}')`,
  )
  const changes = await changesOf(driver, 2)
  assert.equal(
    rowText(changes[0]!),
    '{"id":1,"n":12345678901234567890.123456789,"f":1.5000000000,"m":-1234.50,"d":"2024-02-29","ts":"2024-02-29T12:34:56.7",' +
      `"j":{"a": [1, 1.10]},"b":{"b": 1${'0'.repeat(400)}},"p":{"name":"x \\"y\\", z","size":1.25},` +
      '"ps":[{"name":"a","size":1.00},null],"c":[1.50,2.00],"g":[[1,2],[3,null]]}',
  )
  assert.equal(
    rowText(changes[1]!),
    '{"id":2,"n":null,"f":null,"m":null,"d":"infinity","ts":"-0043-03-15T00:00:00","j":null,"b":null,' +
      '"p":{"name":null,"size":null},"ps":[],"c":[],"g":[]}',
  )
})

test('JSON that is read with its schema is the same JSON when it is written again', async () => {
  const scene = await TaskScene.create(server, ['create table t (id int primary key, n numeric, b jsonb)'], {
    'value.numeric.form': 'number',
    'value.json.form': 'object',
  })
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(`insert into t values (1, 12345678901234567890.10, '{"a":[1.10,"é\\n"]}')`)
  const [{ record }] = (await changesOf(driver, 1)) as [SeenChange]
  const bytes = withSchema.fromConnectData('t', record.valueSchema, record.value)!
  const read = withSchema.toConnectData('t', bytes)
  const again = Buffer.from(json.fromConnectData('t', read.schema, read.value)!).toString()
  assert.match(again, /"after":\{"id":1,"n":12345678901234567890.10,"b":\{"a":\[1.10,"é\\n"\]\}\}/)
})

test('a header names the values that PostgreSQL did not send', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table t (id int primary key, a text, b text, n int)',
      'alter table t alter a set storage external, alter b set storage external',
      "insert into t select 1, repeat('a', 9000), repeat('b', 9000), 1",
    ],
    { 'unchanged.values.header': 'true', 'field.name.adjustment.mode': 'avro' },
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql('update t set n = 2')
  await scene.sql("update t set a = 'new'")
  await scene.sql("update t set b = 'new'")
  await scene.sql("update t set a = repeat('c', 9000)")
  await scene.sql('update t set id = 2')
  await scene.sql('alter table t replica identity full')
  await scene.sql('update t set n = 3')
  const changes = await changesOf(driver, 9)
  assert.deepEqual(
    changes.map(({ op, record }) => [
      op,
      record.headers.find(({ name }) => name === 'tailrace.unchanged')?.value ?? null,
    ]),
    [
      ['r', null],
      ['u', '["a","b"]'],
      ['u', '["b"]'],
      ['u', null],
      ['u', null],
      ['d', null],
      [null, null],
      ['c', '["a"]'],
      ['u', null],
    ],
  )
})

test('generated columns are in snapshot and stream, or in neither', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table t (id int primary key, n int, g int generated always as (n * 2) stored)',
      'insert into t values (1, 2)',
    ],
    { 'generated.columns': 'omit' },
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql('insert into t values (2, 3)')
  const changes = await changesOf(driver, 2)
  assert.deepEqual(
    changes.map(({ after }) => after),
    [
      { id: 1, n: 2 },
      { id: 2, n: 3 },
    ],
  )
})

const NAN = "insert into t values (1, 'NaN')"

test('a value that its schema cannot hold becomes null, with a warning or without', async () => {
  for (const mode of ['warn', 'skip']) {
    const scene = await TaskScene.create(server, ['create table t (id int primary key, n numeric)', NAN], {
      'event.converting.failure.handling.mode': mode,
    })
    await using driver = await scene.start()
    const [change] = await changesOf(driver, 1)
    assert.deepEqual(change!.after, { id: 1, n: null })
    assert.equal(
      driver.logs.some((line) => line.startsWith('a value was written as null')),
      mode === 'warn',
    )
  }
})

test('a value that its schema cannot hold fails the task where that is asked for, and nothing passes over it', async () => {
  const scene = await TaskScene.create(server, ['create table t (id int primary key, n numeric)'], {
    'event.converting.failure.handling.mode': 'fail',
  })
  for (const expected of [1, 0]) {
    await using driver = await scene.start()
    if (expected === 1) {
      await scene.streaming()
      await scene.sql('insert into t values (0, 1)')
      await changesOf(driver, 1)
      await scene.sql(`${NAN}; insert into t values (2, 1)`)
    }
    await waitFor('the task to fail', () => driver.failure !== null)
    assert.match(String(driver.failure), /column public\.\w+\.n cannot be represented/)
    assert.equal(driver.changes.length, expected)
    await driver.stop()
    await scene.released()
  }
})

test('rows of 200 columns, of 1600 columns and of megabytes arrive whole', async () => {
  const columns = (count: number) =>
    Array.from({ length: count }, (_, i) => `c${i} int default ${i}`).join(', ')
  const scene = await TaskScene.create(server, [
    `create table a200 (id int primary key, ${columns(200)})`,
    `create table b1600 (id int primary key, ${columns(1599)})`,
    'create table c (id int primary key, body text)',
    'insert into a200 (id) values (1); insert into b1600 (id) values (1)',
    "insert into c select 1, string_agg(md5(i::text), '') from generate_series(1, 65536) i",
  ])
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql('insert into a200 (id) values (2); insert into b1600 (id) values (2)')
  await scene.sql("insert into c select 2, string_agg(md5(i::text), '') from generate_series(1, 65536) i")
  const changes = await changesOf(driver, 6)
  for (const { topic, after } of changes) {
    if (topic === 'p.public.c') assert.equal((after!['body'] as string).length, 2 * 1024 * 1024)
    else assert.deepEqual(Object.values(after!).slice(1, 4), [0, 1, 2])
    assert.equal(Object.keys(after!).length, { 'p.public.a200': 201, 'p.public.b1600': 1600 }[topic] ?? 2)
  }
})

test('names may hold quotes, dots, capitals, other alphabets and reserved words', async () => {
  const scene = await TaskScene.create(server, [
    'create schema "Sch.ema"',
    `create table "Sch.ema"."sel""ect.é" ("Id" int primary key, "select" int, "a.b" text, "q""x" text, "한글" text, "a'b" int)`,
    `insert into "Sch.ema"."sel""ect.é" values (1, 2, 'x', 'y', 'z', 3)`,
  ])
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(`insert into "Sch.ema"."sel""ect.é" values (2, 2, 'x', 'y', 'z', 3)`)
  await scene.sql(`update "Sch.ema"."sel""ect.é" set "Id" = 3 where "Id" = 2`)
  const changes = await changesOf(driver, 5)
  assert.deepEqual(changes[1]!.after, { Id: 2, select: 2, 'a.b': 'x', 'q"x': 'y', 한글: 'z', "a'b": 3 })
  assert.deepEqual(
    changes.map(({ topic, op, key }) => [topic, op, key!['Id']]),
    [
      ['p.Sch.ema.sel_ect._', 'r', 1],
      ['p.Sch.ema.sel_ect._', 'c', 2],
      ['p.Sch.ema.sel_ect._', 'd', 2],
      ['p.Sch.ema.sel_ect._', null, 2],
      ['p.Sch.ema.sel_ect._', 'c', 3],
    ],
  )
})

test('tables that are made, renamed, retyped and dropped while they are streamed', async () => {
  const scene = await TaskScene.create(server, ['create table t (id int primary key, n int)'])
  await using driver = await scene.start()
  await scene.streaming()
  const steps = [
    'insert into t values (1, 1)',
    'create table made (id int primary key, v text); insert into made values (1, $$x$$)',
    'alter table t add d int not null default 5; insert into t values (2, 1)',
    'alter table t alter d set default 6; insert into t values (3, 1)',
    'alter table t alter n type numeric(6,2); insert into t values (4, 1.5)',
    'alter table t rename n to number; insert into t (id, number) values (5, 2)',
    'alter table t rename to renamed; insert into renamed (id) values (6)',
    'alter table renamed drop d; insert into renamed values (7, 3)',
    'insert into made values (2, $$y$$); drop table made',
    'create table made (id int primary key, v int); insert into made values (1, 5)',
  ]
  for (const step of steps) await scene.sql(step)
  const changes = await changesOf(driver, 10)
  assert.deepEqual(
    changes.map(({ topic, after }) => [
      topic.replace('p.public.', ''),
      ...Object.entries(after!).map(([name, value]) => `${name} ${String(value)}`),
    ]),
    [
      ['t', 'id 1', 'n 1'],
      ['made', 'id 1', 'v x'],
      ['t', 'id 2', 'n 1', 'd 5'],
      ['t', 'id 3', 'n 1', 'd 6'],
      ['t', 'id 4', 'n 1.50', 'd 6'],
      ['t', 'id 5', 'number 2.00', 'd 6'],
      ['renamed', 'id 6', 'number null', 'd 6'],
      ['renamed', 'id 7', 'number 3.00'],
      ['made', 'id 2', 'v y'],
      ['made', 'id 1', 'v 5'],
    ],
  )
  assert.equal(driver.failure, null)
})
