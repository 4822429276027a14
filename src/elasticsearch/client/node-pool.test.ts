import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NodePool, parseNode } from './node-pool.ts'
import { nodeUrl } from './node-url.ts'

test('an address is taken apart, and its name holds no secret', () => {
  const node = parseNode('https://user:p%40ss@[::1]:9243/prefix/')
  assert.deepEqual(node, {
    protocol: 'https:',
    host: '::1',
    port: 9243,
    hostHeader: '[::1]:9243',
    basePath: '/prefix',
    name: 'https://[::1]:9243',
    credentials: 'user:p@ss',
  })
  assert.equal(parseNode('http://es').port, 80)
  assert.equal(parseNode('http://es:9200').basePath, '')
})

test('a host alone, or with its port, speaks HTTP', () => {
  const names = ['localhost:9200', 'es-1.example:9200/', 'es', '10.0.0.1', 'https://es'].map(
    (text) => parseNode(text).name,
  )
  assert.deepEqual(names, [
    'http://localhost:9200',
    'http://es-1.example:9200',
    'http://es:80',
    'http://10.0.0.1:80',
    'https://es:443',
  ])
  // As in the reference: Java finds a scheme in the first of those, and none in an address.
  for (const text of ['10.0.0.1:9200', 'ftp://es', 'http://', 'a b', 'es:port', '//es:9200'])
    assert.equal(nodeUrl(text), null, text)
})

test('nodes take turns, and one that failed is passed over for a while', () => {
  const [a, b] = [parseNode('http://a'), parseNode('http://b')]
  const pool = new NodePool([a, b])
  assert.deepEqual(
    [pool.next(0), pool.next(0), pool.next(0)].map(({ host }) => host),
    ['a', 'b', 'a'],
  )
  pool.failed(a, 0)
  assert.deepEqual(
    [pool.next(10), pool.next(10)].map(({ host }) => host),
    ['b', 'b'],
  )
  assert.deepEqual(
    [pool.next(2000), pool.next(2000)].map(({ host }) => host),
    ['a', 'b'],
  )
  pool.failed(a, 2000)
  pool.failed(b, 2000)
  assert.equal(pool.next(2500).host, 'b', 'the one whose penalty ends first')
  pool.succeeded(a)
  assert.equal(pool.next(2500).host, 'a')
})
