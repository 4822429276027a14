import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { allowHosts } from '../../api/allowed-hosts.ts'
import { parsePostgresOptions } from '../options/postgres-options.ts'
import { PostgresConnection } from './connection.ts'
import { GuardedSocket } from './guarded-socket.ts'

test('no connection to PostgreSQL goes to a host that is not allowed, nor does the question whether it has TLS', async (t) => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  allowHosts(['db.example.com', '10.0.0.0/8'])
  t.after(() => allowHosts([]))
  const refused = { code: 'connect.host-not-allowed' }
  for (const host of ['127.0.0.1', 'localhost']) {
    for (const sslmode of ['disable', 'prefer', 'require']) {
      const options = parsePostgresOptions({
        'database.hostname': host,
        'database.port': String(port),
        'database.user': 'u',
        'database.dbname': 'd',
        'database.sslmode': sslmode,
        'topic.prefix': 'p',
      })
      const session = { applicationName: 'test', signal: new AbortController().signal }
      await assert.rejects(PostgresConnection.open(options, 'sql', session), (error) => {
        // A name is refused by where it leads, which is known when it is looked up.
        assert.match(`${String(error)} ${String((error as Error).cause)}`, /is not among the hosts/)
        return true
      })
    }
  }
  assert.throws(() => new GuardedSocket().connect(port, '127.0.0.1'), refused)
  assert.throws(() => new GuardedSocket().connect({ port, host: '127.0.0.1' }), refused)
  const [error] = (await once(new GuardedSocket().connect(port, 'localhost'), 'error')) as [{ code: string }]
  assert.equal(error.code, refused.code)
  assert.equal(connections, 0)
})
