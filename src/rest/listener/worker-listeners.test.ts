import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseWorkerConfig } from '../../connect/config/worker-config.ts'
import { workerListeners } from './worker-listeners.ts'

const listeners = (properties: Record<string, string>, mayBeOnNetwork = false) =>
  workerListeners(parseWorkerConfig(properties), mayBeOnNetwork)

test('listeners and admin listeners say what each serves', () => {
  const shown = (properties: Record<string, string>) =>
    listeners(properties).all.map(({ scheme, host, port, serves }) => `${scheme} ${host} ${port} ${serves}`)
  assert.deepEqual(shown({}), ['http 127.0.0.1 8083 all'])
  assert.deepEqual(shown({ listeners: 'http://:1, HTTP://[::1]:2/' }), [
    'http 127.0.0.1 1 all',
    'http ::1 2 all',
  ])
  assert.deepEqual(shown({ 'admin.listeners': '' }), ['http 127.0.0.1 8083 public'])
  assert.deepEqual(shown({ 'admin.listeners': 'http://localhost:9' }), [
    'http 127.0.0.1 8083 public',
    'http localhost 9 admin',
  ])
})

test('an unprotected API stays off the network, on each of its listeners', () => {
  const refused = { code: 'rest.unprotected' }
  assert.throws(() => listeners({ listeners: 'http://127.0.0.1:1,http://0.0.0.0:2' }), refused)
  assert.throws(() => listeners({ 'admin.listeners': 'http://192.0.2.1:2' }), refused)
  assert.equal(listeners({ listeners: 'http://:1' }, true).all[0]!.host, '::')
})

test('the worker calls itself by the first listener, or the one of the wanted scheme', () => {
  const two = { listeners: 'http://:1,http://:2' }
  assert.equal(listeners(two).advertised.port, 1)
  assert.equal(listeners({ ...two, 'rest.advertised.listener': 'HTTP' }).advertised.port, 1)
  assert.throws(() => listeners({ ...two, 'rest.advertised.listener': 'https' }), {
    name: 'ConfigError',
    message: /rest\.advertised\.listener/,
  })
})

test('what is no address is refused by the name of its option', () => {
  for (const text of ['8083', 'ftp://:1', 'http://:99999', 'https://']) {
    const message = /for configuration listeners: it must be http:\/\/HOST:PORT or https:\/\/HOST:PORT/
    assert.throws(() => listeners({ listeners: text }), { message })
  }
})
