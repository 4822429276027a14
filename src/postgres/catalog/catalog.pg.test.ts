import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../test/servers/postgres.ts'
import { openConnection, relationNamed } from '../testing/connections.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { listTables } from './list-tables.ts'
import { readRelations } from './read-relations.ts'
import type { Relation } from './relation.ts'

let server: PostgresServer
let connection: PostgresConnection

before(async () => {
  server = await startPostgres()
  connection = await openConnection(server)
})

after(async () => {
  connection.close()
  await server.stop()
})

function relation(table: string): Promise<Relation> {
  return relationNamed(connection, table)
}

function key({ columns, keyColumns }: Relation): string[] {
  return keyColumns.map((place) => columns[place]!.name)
}

test('columns have their types resolved: arrays, domains and enums', async () => {
  await server.query(`
    create type mood as enum ('sad', 'ok', 'happy');
    create domain cents as numeric(12,2) check (value >= 0);
    create table kinds(a int not null, b varchar(50) default 'x', c text[], d mood, e cents, f point, g name, h int2vector, i mood[]);
    comment on column kinds.b is 'the b'`)
  const { columns } = await relation('kinds')
  const at = (name: string) => columns.find((column) => column.name === name)!
  assert.deepEqual([at('a').notNull, at('a').defaultExpression, at('a').type.name], [true, null, 'int4'])
  assert.deepEqual(
    [at('b').typeModifier, at('b').defaultExpression, at('b').comment],
    [54, "'x'::character varying", 'the b'],
  )
  assert.equal(at('c').type.element?.name, 'text')
  assert.deepEqual(at('d').type.enumLabels, ['sad', 'ok', 'happy'])
  assert.deepEqual([at('e').type.kind, at('e').type.base?.type.name], ['d', 'numeric'])
  assert.equal(at('e').type.base?.typeModifier, ((12 << 16) | 2) + 4)
  for (const name of ['f', 'g', 'h']) assert.equal(at(name).type.element, null, name)
  assert.deepEqual(at('i').type.element?.enumLabels, ['sad', 'ok', 'happy'])
})

test('dropped columns are left out, generated ones are marked', async () => {
  await server.query(`
    create table shaped(a int, b int, c int generated always as (a * 2) stored);
    alter table shaped drop column b`)
  const { columns } = await relation('shaped')
  assert.deepEqual(
    columns.map(({ name, isGenerated }) => [name, isGenerated]),
    [
      ['a', false],
      ['c', true],
    ],
  )
})

const keys: readonly [definition: string, key: readonly string[]][] = [
  ['(a int, b int, primary key (b, a))', ['b', 'a']],
  ['(a int, b int)', []],
  ['(a int not null unique, b int)', ['a']],
  ['(a int unique, b int primary key)', ['b']],
]

test('the key is the primary key, else the first usable unique index', async () => {
  for (const [i, [definition, expected]] of keys.entries()) {
    await server.query(`create table key_${i}${definition}`)
    assert.deepEqual(key(await relation(`key_${i}`)), expected, definition)
  }
  await server.query(`
    create table key_indexes(a int, b int, c int);
    create unique index i1 on key_indexes((a + 1));
    create unique index i2 on key_indexes(b) where c > 0;
    create unique index i4 on key_indexes(a);
    create unique index i3 on key_indexes(c, b) include (a)`)
  assert.deepEqual(key(await relation('key_indexes')), ['c', 'b'])
})

test('the replica identity tells which columns old rows have', async () => {
  await server.query(`
    create table identity_full(a int primary key, b int); alter table identity_full replica identity full;
    create table identity_index(a int primary key, b int not null unique);
    alter table identity_index replica identity using index identity_index_b_key`)
  const flags = ({ columns }: Relation) => columns.map((column) => column.isIdentity)
  assert.deepEqual(flags(await relation('identity_full')), [true, true])
  const byIndex = await relation('identity_index')
  assert.deepEqual([byIndex.replicaIdentity, ...flags(byIndex)], ['i', false, true])
})

test('tables are listed by name: no views, no system tables, partitions in place of their root', async () => {
  await server.query(`
    create schema listed;
    create table listed."B b"(a int); create table listed.a(a int); create view listed.v as select 1;
    create table listed.root(a int) partition by list (a);
    create table listed.part partition of listed.root for values in (1)`)
  const tables = await listTables(connection, (schema) => schema !== 'public')
  assert.deepEqual(
    tables.map(({ table }) => table),
    ['B b', 'a', 'part'],
  )
  assert.deepEqual(await readRelations(connection, [0]), new Map())
})
