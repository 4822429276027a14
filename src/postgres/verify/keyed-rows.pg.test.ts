import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../test/servers/postgres.ts'
import { openConnection, relationNamed } from '../testing/connections.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { keyedRows } from './keyed-rows.ts'

let server: PostgresServer
let connection: PostgresConnection
before(async () => {
  server = await startPostgres()
  connection = await openConnection(server)
})
after(async () => {
  connection?.close()
  await server?.stop()
})

async function select(
  table: string,
  keys: readonly (readonly string[])[],
  isUtf8 = true,
): Promise<string | null> {
  const relation = await relationNamed(connection, `"${table}"`)
  return keyedRows(relation, relation.keyColumns, { keys, isPartitioned: false, isUtf8 })
}

/** The keys that are found, in their order. */
async function found(table: string, ...keys: (readonly string[])[]): Promise<string[]> {
  const rows = await server.query((await select(table, keys))!)
  return rows.map(({ key }) => String(key)).sort()
}

test('rows are asked for by keys of one column, and texts that its type does not have are nobody’s', async () => {
  await server.query('CREATE TABLE "Numbers" (key bigint PRIMARY KEY); INSERT INTO "Numbers" VALUES (7), (-7), (9223372036854775807)') // prettier-ignore
  const odd = ['007', '+7', '7.0', '', 'x', '9223372036854775808', '1e3', ' 7', '-0'].map((text) => [text])
  assert.deepEqual(await found('Numbers', ...odd), [])
  assert.deepEqual(await found('Numbers', ['7'], ['-7'], ['8'], ['9223372036854775807']), [
    '-7',
    '7',
    '9223372036854775807',
  ])
  await server.query('CREATE TABLE small (key smallint PRIMARY KEY); INSERT INTO small VALUES (1)')
  assert.deepEqual(await found('small', ['1'], ['32768']), ['1'])
  const uuid = '0b6f1c5e-5d3c-4c53-9a2b-0d5a6f2f7c11'
  await server.query(`CREATE TABLE ids (key uuid PRIMARY KEY); INSERT INTO ids VALUES ('${uuid}')`)
  assert.deepEqual(await found('ids', [uuid], ['nothing'], [`{${uuid}}`]), [uuid])
  assert.deepEqual(await found('ids', [uuid.toUpperCase()]), [])
})

test('texts of keys come to the server as they are', async () => {
  const texts = [
    'plain',
    `it's`,
    'a"b',
    'back\\slash',
    '{a,b}',
    'NULL',
    'null',
    ' ',
    '한글',
    '\u{1F600}',
    '$1',
    '\n\t',
  ]
  await server.query('CREATE TABLE texts (key varchar(30) PRIMARY KEY)')
  for (const text of texts)
    await server.query(`INSERT INTO texts VALUES (E'${text.replace(/['\\]/g, '\\$&')}')`)
  assert.deepEqual(await found('texts', ...texts.map((text) => [text])), [...texts].sort())
  assert.deepEqual(await found('texts', ['a\0'], ['\uD800'], ['other']), [])
})

test('keys of several columns belong together', async () => {
  await server.query(
    `CREATE TABLE pairs (a int, b text, key text GENERATED ALWAYS AS (b) STORED, PRIMARY KEY (b, a)); INSERT INTO pairs VALUES (1, 'x'), (2, 'x'), (1, 'y')`,
  )
  const rows = await server.query((await select('pairs', [['x', '1'], ['y', '1'], ['y', '2'], ['x', 'no']]))!) // prettier-ignore
  assert.deepEqual(rows.map(({ a, b }) => `${String(b)}${String(a)}`).sort(), ['x1', 'y1'])
})

test('keys whose texts may be others in documents are not asked for', async () => {
  await server.query(
    'CREATE TABLE days (key date PRIMARY KEY); CREATE TABLE padded (key char(3) PRIMARY KEY); CREATE TABLE keyless (a int); CREATE TABLE maybe (key int UNIQUE)',
  )
  for (const table of ['days', 'padded', 'keyless', 'maybe']) assert.equal(await select(table, [['1']]), null)
  assert.equal(await select('texts', [['a']], false), null)
  assert.notEqual(await select('Numbers', [['1']], false), null)
})
