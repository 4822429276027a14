import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestNode, type TestNode } from '../testing/test-node.ts'

let t: TestNode
before(async () => {
  t = await startTestNode()
})
after(async () => {
  await t[Symbol.asyncDispose]()
})

const mappingOf = async (index: string) => (await t.send('GET', `/${index}/_mapping`)).json[index].mappings

test('mappings are derived as Elasticsearch derives them', async () => {
  const { status, text } = await t.send(
    'PUT',
    '/derived/_doc/1',
    '{"long":1,"float":1.0,"exp":1e3,"bool":true,"str":"hi","day":"2024-01-02","slash":"2024/01/02","iso":"2024-01-02T10:11:12.123Z",' +
      '"year":"2024","month":"2024-01","space":"2024-01-02 10:00:00","time":"10:11:12","nul":null,"arr":[],"nulls":[null,1],' +
      '"obj":{},"o":{"a":1},"p.q":1,"p.r":"x","__proto__":{"x":1},"한국":"어"}',
  )
  assert.equal(status, 201, text)
  const string = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } }
  const { properties } = await mappingOf('derived')
  assert.deepEqual(Object.entries(properties), [
    ['__proto__', { properties: { x: { type: 'long' } } }],
    ['bool', { type: 'boolean' }],
    ['day', { type: 'date' }],
    ['exp', { type: 'float' }],
    ['float', { type: 'float' }],
    ['iso', { type: 'date' }],
    ['long', { type: 'long' }],
    ['month', { type: 'date' }],
    ['nulls', { type: 'long' }],
    ['o', { properties: { a: { type: 'long' } } }],
    ['obj', { type: 'object' }],
    ['p', { properties: { q: { type: 'long' }, r: string } }],
    ['slash', { type: 'date', format: 'yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis' }],
    ['space', string],
    ['str', string],
    ['time', string],
    ['year', string],
    ['한국', string],
  ])
})

test('dynamic false keeps what it does not know, strict refuses it', async () => {
  const properties = { a: { type: 'long' }, o: { type: 'object' } }
  await t.send('PUT', '/loose', { mappings: { dynamic: false, properties } })
  assert.equal((await t.send('PUT', '/loose/_doc/1', { a: 1, z: 2 })).status, 201)
  assert.deepEqual(await mappingOf('loose'), { dynamic: 'false', properties })
  await t.send('PUT', '/strict', { mappings: { dynamic: 'strict', properties } })
  const refused = async (body: unknown) => (await t.send('PUT', '/strict/_doc/1', body)).json.error
  const error = await refused('{"a": 1, "z": 2}')
  assert.equal(error.type, 'strict_dynamic_mapping_exception')
  assert.equal(
    error.reason,
    '[1:15] mapping set to strict, dynamic introduction of [z] within [_doc] is not allowed',
  )
  assert.match((await refused({ o: { z: 2 } })).reason, /introduction of \[z\] within \[o\]/)
  assert.match((await refused({ z: null })).reason, /introduction of \[z\]/)
})

const TYPES = {
  byte: 'byte',
  short: 'short',
  integer: 'integer',
  long: 'long',
  float: 'float',
  double: 'double',
  boolean: 'boolean',
  text: 'text',
  keyword: 'keyword',
  date: 'date',
  binary: 'binary',
  ip: 'ip',
}

const VALUES: readonly (readonly [field: string, value: string, fits: boolean])[] = [
  ['byte', '127', true],
  ['byte', '200', false],
  ['short', '"70000"', false],
  ['integer', '3000000000', false],
  ['long', '9223372036854775807', true],
  ['long', '9223372036854775808', false],
  ['long', '1.7', true],
  ['long', '"12"', true],
  ['long', '""', true],
  ['long', '1e30', false],
  ['long', '[1,[2,3]]', true],
  ['long', '{"a":1}', false],
  ['long', 'true', false],
  ['float', '1e300', false],
  ['double', '1e300', true],
  ['double', '"x"', false],
  ['boolean', '"true"', true],
  ['boolean', '""', true],
  ['boolean', '"yes"', false],
  ['boolean', '1', false],
  ['text', '5', true],
  ['text', '{"a":1}', false],
  ['keyword', '[1,true,null]', true],
  ['date', '"2024-02-29"', true],
  ['date', '"2024-02-30"', false],
  ['date', '"2024-01-01 10:00:00"', false],
  ['date', '1736816257075566', true],
  ['date', 'true', false],
  ['binary', '"aGk="', true],
  ['binary', '"!!"', false],
  ['ip', '"::1"', true],
  ['ip', '"1.2.3"', false],
  ['o', '[{"x":1},{"x":2}]', true],
  ['o', '5', false],
]

test('values fit their types, or the document is refused with the place', async () => {
  const properties = Object.fromEntries(Object.entries(TYPES).map(([name, type]) => [name, { type }]))
  await t.send('PUT', '/typed', {
    mappings: { properties: { ...properties, o: { properties: { x: { type: 'long' } } } } },
  })
  for (const [field, value, fits] of VALUES) {
    const { status, json } = await t.send('PUT', '/typed/_doc/1', `{"${field}":${value}}`)
    assert.equal(status < 300, fits, `${field}: ${value} gives ${JSON.stringify(json)}`)
    if (fits) continue
    assert.equal(json.error.type, 'document_parsing_exception')
    assert.ok(json.error.reason.startsWith(`[1:${field.length + 5}] `), json.error.reason)
  }
})

const CONFLICTS: readonly (readonly [mapping: unknown, type: string, reason: RegExp])[] = [
  [
    { properties: { n: { type: 'text' } } },
    'illegal_argument_exception',
    /mapper \[n\] cannot be changed from type \[long\] to \[text\]/,
  ],
  [
    { properties: { o: { type: 'long' } } },
    'illegal_argument_exception',
    /can't merge a non object mapping \[o\] with an object mapping/,
  ],
  [
    { properties: { n: { properties: {} } } },
    'illegal_argument_exception',
    /can't merge an object mapping \[n\]/,
  ],
  [
    { properties: { z: { type: 'foo' } } },
    'mapper_parsing_exception',
    /No handler for type \[foo\] declared on field \[z\]/,
  ],
  [
    { properties: { z: { type: 'long', foo: 1 } } },
    'mapper_parsing_exception',
    /unknown parameter \[foo\] on mapper \[z\] of type \[long\]/,
  ],
  [{ properties: { z: { foo: 1 } } }, 'mapper_parsing_exception', /No type specified for field \[z\]/],
  [
    { properties: { z: { type: 'date', format: 'qq' } } },
    'mapper_parsing_exception',
    /Invalid format: \[qq\]/,
  ],
  [
    { properties: { z: { type: 'text', analyzer: 'nori' } } },
    'mapper_parsing_exception',
    /analyzer \[nori\] has not been configured/,
  ],
  [
    { foo: 1 },
    'mapper_parsing_exception',
    /Root mapping definition has unsupported parameters:  \[foo : 1\]/,
  ],
  [{ dynamic: 'bad' }, 'mapper_parsing_exception', /Could not convert \[dynamic.dynamic\] to boolean/],
]

for (const [mapping, type, reason] of CONFLICTS) {
  test(`PUT _mapping of ${JSON.stringify(mapping)} is refused and changes nothing`, async () => {
    await t.send('PUT', '/fixed', {
      mappings: { properties: { n: { type: 'long' }, o: { properties: {} } } },
    })
    const before = await mappingOf('fixed')
    const { status, json } = await t.send('PUT', '/fixed/_mapping', mapping)
    assert.deepEqual([status, json.error.type], [400, type])
    assert.match(json.error.reason, reason)
    assert.deepEqual(await mappingOf('fixed'), before)
  })
}

test('a mapping grows by PUT _mapping and by sub-fields, and null_value stands for null', async () => {
  await t.send('PUT', '/grown', { mappings: { properties: { s: { type: 'text' } } } })
  const properties = {
    s: { type: 'text', fields: { raw: { type: 'keyword' } } },
    n: { type: 'long', null_value: 7 },
  }
  assert.equal((await t.send('PUT', '/grown/_mapping', { properties })).status, 200)
  assert.deepEqual(await mappingOf('grown'), { properties: { n: properties.n, s: properties.s } })
  await t.send('PUT', '/grown/_doc/1', { s: 'Some Text', n: null })
  const count = async (query: unknown) => (await t.send('POST', '/grown/_count', { query })).json.count
  assert.deepEqual([await count({ term: { 's.raw': 'Some Text' } }), await count({ term: { n: 7 } })], [1, 1])
})

test('arrays of different kinds are refused as a new field, coerced in an old one', async () => {
  const { json } = await t.send('PUT', '/arrays/_doc/1', { x: [1, 'a'] })
  assert.equal(json.error.reason, 'mapper [x] cannot be changed from type [long] to [text]')
  await t.send('PUT', '/arrays/_doc/1', { x: 1 })
  assert.equal((await t.send('PUT', '/arrays/_doc/1', { x: [1, 2.5] })).status, 200)
})
