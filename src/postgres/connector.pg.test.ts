import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { freePort } from '../../test/servers/free-port.ts'
import { startPostgres, type PostgresServer } from '../../test/servers/postgres.ts'
import { waitFor } from '../../test/wait-for.ts'
import { postgresConnector } from './connector.ts'
import { connectionConfig } from './testing/connections.ts'

let server: PostgresServer
before(async () => {
  server = await startPostgres()
})
after(() => server.stop())

const PREFIX = 'Error while validating connector config: '

async function validate(config: Record<string, string | null> = {}): Promise<readonly string[]> {
  const whole = {
    ...connectionConfig(server),
    ...config,
  }
  const issues = await postgresConnector.validate!(whole, AbortSignal.timeout(120_000))
  assert.ok(issues.every(({ option }) => option === 'database.hostname'))
  return issues.map(({ message }) => message)
}

test('a server that can decode has no issue', async () => {
  assert.deepEqual(await validate(), [])
})

test("what the server refuses is said in the server's words", async () => {
  assert.deepEqual(await validate({ 'database.password': 'wrong-one' }), [
    `${PREFIX}FATAL: password authentication failed for user "postgres"`,
  ])
  assert.deepEqual(await validate({ 'database.dbname': 'nowhere' }), [
    `${PREFIX}FATAL: database "nowhere" does not exist`,
  ])
  assert.deepEqual(await validate({ 'database.initial.statements': 'SELECT nothing' }), [
    `${PREFIX}ERROR: column "nothing" does not exist`,
  ])
})

test('a negative time for queries is refused in the words of the driver', async () => {
  assert.deepEqual(await validate({ 'database.query.timeout.ms': '-1' }), [
    `${PREFIX}Query timeout must be a value greater than or equals to 0.`,
  ])
  assert.deepEqual(await validate({ 'database.query.timeout.ms': '0' }), [])
})

test('a password that is needed and missing is said, wherever the environment would have one', async () => {
  process.env['PGPASSWORD'] = server.password
  try {
    assert.deepEqual(await validate({ 'database.password': null }), [
      `${PREFIX}The server requested SCRAM-based authentication, but no password was provided.`,
    ])
  } finally {
    delete process.env['PGPASSWORD']
  }
})

test('a server that cannot be reached is said with its address', async () => {
  const port = await freePort()
  assert.deepEqual(await validate({ 'database.port': String(port) }), [
    `${PREFIX}Connection to 127.0.0.1:${port} refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.`,
  ])
  const [unknown] = await validate({ 'database.hostname': 'no-such-host.invalid' })
  assert.match(
    unknown ?? '',
    /^Error while validating connector config: The connection attempt failed: .*no-such-host/,
  )
})

test('a server without TLS is said as the driver of the reference says it', async () => {
  assert.deepEqual(await validate({ 'database.sslmode': 'require' }), [
    `${PREFIX}The server does not support SSL.`,
  ])
})

test('a server that never answers is given up after the timeout', async () => {
  for (const mode of ['disable', 'prefer']) {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    assert.deepEqual(
      await validate({
        'database.port': String(port),
        'database.sslmode': mode,
        'connection.validation.timeout.ms': '100',
      }),
      ['Connection validation timed out after 100 ms'],
    )
    silent.close()
  }
})

test('a server whose wal_level is replica is refused', async () => {
  await server.restart({ wal_level: 'replica' })
  assert.deepEqual(await validate(), [
    `${PREFIX}Postgres server wal_level property must be 'logical' but is: 'replica'`,
  ])
  await server.restart({ wal_level: 'logical' })
  assert.deepEqual(await validate(), [])
})

test('validating leaves no session behind', async () => {
  await validate()
  await waitFor('no session', async () => {
    const rows = await server.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name LIKE 'tailrace%'",
    )
    return rows[0]?.['n'] === 0
  })
})
