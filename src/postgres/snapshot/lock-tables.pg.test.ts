import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { canaryPassword } from '../../../test/servers/canary.ts'
import { startPostgres, type PostgresServer } from '../../../test/servers/postgres.ts'
import { ConfigError, RetriableError } from '../../api/errors.ts'
import { listTables } from '../catalog/list-tables.ts'
import { openConnection } from '../testing/connections.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { lockTables } from './lock-tables.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres()
  await server.query(`
    create table a(id int, n int);
    create table "odd ""name"(id int);
    create role reader login password '${canaryPassword('reader')}';
    grant select (id) on a to reader;
    grant select on "odd ""name" to reader`)
})

after(() => server.stop())

async function open(user: string): Promise<PostgresConnection> {
  const login = { 'database.user': user, 'database.password': canaryPassword(user) }
  const connection = await openConnection(server, login)
  await connection.query('begin transaction isolation level repeatable read read only', 'Beginning')
  return connection
}

test('tables are locked against being altered, by a user who may read one column of them', async () => {
  await using connection = await open('reader')
  await lockTables(connection, await listTables(connection, () => true))
  const locks = await server.query(
    `select l.relation::regclass::text as name, mode from pg_locks l join pg_class c on c.oid = l.relation
     where c.relname in ('a', 'odd "name') order by 1`,
  )
  assert.deepEqual(locks, [
    { name: '"odd ""name"', mode: 'AccessShareLock' },
    { name: 'a', mode: 'AccessShareLock' },
  ])
})

test('a table that was rewritten before it was locked makes the snapshot begin again', async () => {
  await using connection = await open('postgres')
  const tables = await listTables(connection, () => true)
  await server.query('alter table a alter column n type bigint')
  await assert.rejects(lockTables(connection, tables), (error) => {
    assert.ok(error instanceof RetriableError)
    assert.match(error.message, /The table "public"."a" was rewritten/)
    return true
  })
})

test('a partitioned table is locked with its partitions', async () => {
  await server.query(`
    create table parts(id int) partition by range (id);
    create table parts_1 partition of parts for values from (0) to (10)`)
  await using connection = await open('postgres')
  const [row] = await server.query(`select 'parts'::regclass::oid::int as oid`)
  const name = { oid: row!['oid'] as number, schema: 'public', table: 'parts' }
  await lockTables(connection, [name])
  const locks = await server.query(
    `select c.relname from pg_locks l join pg_class c on c.oid = l.relation where c.relname like 'parts%' order by 1`,
  )
  assert.deepEqual(locks, [{ relname: 'parts' }, { relname: 'parts_1' }])
})

test('a partition that was rewritten before it was locked makes the snapshot begin again', async () => {
  await server.query(`
    create table years(y int, n int) partition by range (y);
    create table decades partition of years for values from (0) to (100) partition by range (y);
    create table decade partition of decades for values from (0) to (10);
    insert into years values (1, 1)`)
  await using connection = await open('postgres')
  const [row] = await server.query(`select 'years'::regclass::oid::int as oid`)
  const years = { oid: row!['oid'] as number, schema: 'public', table: 'years' }
  await connection.query('select 1 from pg_class limit 1', 'Taking the snapshot')
  await server.query('truncate decade')
  await assert.rejects(lockTables(connection, [years]), (error) => {
    assert.ok(error instanceof RetriableError)
    assert.match(error.message, /The table "public"."decade" was rewritten/)
    return true
  })
})

test('of many tables that are locked together, the one that may not be read is named', async () => {
  await server.query('create table secret(id int)')
  await using connection = await open('reader')
  const tables = (await listTables(connection, () => true)).filter(
    ({ table }) => !/^(?:parts|years|decade)/.test(table),
  )
  assert.ok(tables.length > 2)
  await assert.rejects(lockTables(connection, tables), (error) => {
    assert.ok(error instanceof ConfigError)
    assert.match(error.message, /GRANT SELECT ON TABLE "public"."secret" TO "reader"/)
    return true
  })
})
