import assert from 'node:assert/strict'
import { connect, createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, test } from 'node:test'
import {
  allowedHostsProblem,
  allowHosts,
  guardedLookup,
  requireAllowedHost,
  requireListedHost,
} from './allowed-hosts.ts'
import { ConfigError } from './errors.ts'

afterEach(() => allowHosts([]))

const isRefused = (error: unknown): boolean =>
  error instanceof ConfigError &&
  error.code === 'connect.host-not-allowed' &&
  /connector\.allowed\.hosts/.test(error.message)

test('hosts that are not listed are refused, by name and by address', () => {
  allowHosts([
    'db.example.com',
    '*.search.example.com',
    '10.0.0.0/8',
    '192.168.1.5',
    'fd00::/8',
    '/run/postgresql',
  ])
  for (const host of [
    'db.example.com',
    'DB.example.com.',
    'a.search.example.com',
    'a.b.search.example.com',
    '10.255.0.1',
    '192.168.1.5',
    '::ffff:10.0.0.1',
    'fd12::1',
    '[fd12::1]',
    '/run/postgresql',
  ]) {
    assert.doesNotThrow(() => requireAllowedHost(host), host)
  }
  for (const host of ['127.0.0.1', '192.168.1.6', '::1', '[::1]', '::ffff:127.0.0.1', 'fe80::1', '/tmp']) {
    assert.throws(() => requireAllowedHost(host), isRefused, host)
  }
  allowHosts(['db.example.com', '*.search.example.com'])
  for (const host of [
    'example.com',
    'search.example.com',
    'xdb.example.com',
    'db.example.com.evil.org',
    '10.0.0.1',
    '2130706433',
  ]) {
    assert.throws(() => requireAllowedHost(host), isRefused, host)
  }
  allowHosts([])
  assert.doesNotThrow(() => requireAllowedHost('127.0.0.1'))
})

test('a name that leads to an address that is not listed is not connected to', async () => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const reach = async (host: string): Promise<string | undefined> => {
    const socket = connect({ host, port, lookup: guardedLookup })
    try {
      await once(socket, 'connect')
      return socket.remoteAddress
    } finally {
      socket.destroy()
    }
  }
  try {
    allowHosts(['10.0.0.0/8'])
    // Nothing is known of it by its name; what it leads to decides.
    assert.doesNotThrow(() => requireAllowedHost('localhost'))
    assert.throws(() => requireListedHost('localhost'), isRefused)
    await assert.rejects(reach('localhost'), isRefused)
    allowHosts(['127.0.0.0/8'])
    assert.equal(await reach('localhost'), '127.0.0.1')
    allowHosts(['localhost'])
    assert.equal(await reach('localhost'), '127.0.0.1')
  } finally {
    server.close()
  }
})

test('a list that cannot be read is refused by its entry', () => {
  assert.equal(allowedHostsProblem(['a', '*.b.c', '1.2.3.4', '1.2.3.0/24', '[::1]', '::/0']), null)
  for (const entry of [
    '10.0.0.0/33',
    '10.0.0.0/x',
    '10.0.0.0/',
    'http://a',
    'a:5432',
    '*',
    'a.*.b',
    'a b',
    '1.2.3.4/8/8',
    '',
  ]) {
    assert.match(allowedHostsProblem(['a', entry]) ?? '', /is no (?:host|range)/, entry)
  }
})
