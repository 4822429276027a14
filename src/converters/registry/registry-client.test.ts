import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { freePort } from '../../../test/servers/free-port.ts'
import { SchemaRegistry } from '../../../test/servers/schema-registry.ts'
import { allowHosts } from '../../api/allowed-hosts.ts'
import { ConfigError, ConnectError, DataError, describeError, RetriableError } from '../../api/errors.ts'
import type { Converter } from '../../api/plugin.ts'
import { structSchema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import { avroConverter } from './avro/avro-converter.ts'
import { written } from './testing/round-trip.ts'

const schema = structSchema([{ name: 'id', schema: { type: 'int32', optional: false } }], { name: 'n.Key' })
const value = new ValueStruct(schema, [1])

function converterOf(url: string, more: Record<string, string> = {}): Converter {
  return avroConverter.create({ 'schema.registry.url': url, 'retries.wait.ms': '1', ...more }, 'value')
}

test('A registry that is away is a reason to try again, and is named without its password', async () => {
  const port = await freePort()
  const converter = converterOf(`http://user:s3cret@127.0.0.1:${port}`, { 'max.retries': '1' })
  await assert.rejects(written(converter, schema, value), (error) => {
    assert.ok(error instanceof RetriableError)
    assert.match(describeError(error), new RegExp(`http://127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`))
    assert.doesNotMatch(describeError(error), /s3cret/)
    return true
  })
})

test('A registry on a host that is not allowed is not asked, by name or by address', async () => {
  await using registry = await SchemaRegistry.start()
  allowHosts(['10.0.0.0/8'])
  try {
    for (const url of [registry.url, registry.url.replace('127.0.0.1', 'localhost')]) {
      await assert.rejects(written(converterOf(url), schema, value), (error) => {
        assert.match(describeError(error), /is not among the hosts .*connector\.allowed\.hosts/)
        return true
      })
    }
    assert.equal(registry.requests.length, 0)
  } finally {
    allowHosts([])
  }
})

test('An answer without end is none, and takes no more memory than the largest', async (t) => {
  const megabyte = Buffer.alloc(1_000_000, ' ')
  let sent = 0
  const server = createServer((_request, response) => {
    const endless = new Readable({
      read() {
        sent += megabyte.length
        this.push(megabyte)
      },
    })
    endless.pipe(response)
    response.on('close', () => endless.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await assert.rejects(written(converterOf(url, { 'max.retries': '0' }), schema, value), (error) => {
    assert.match(describeError(error), /the answer is too large/)
    return true
  })
  assert.ok(sent < 200_000_000, String(sent))
})

test('Where one URL does not answer the next is asked', async () => {
  await using registry = await SchemaRegistry.start()
  const converter = converterOf(`http://127.0.0.1:${await freePort()}, ${registry.url}/`)
  assert.notEqual(await written(converter, schema, value), null)
})

test('What passes is tried again', async () => {
  await using registry = await SchemaRegistry.start()
  registry.failing = { status: 500, times: 2 }
  assert.notEqual(await written(converterOf(registry.url), schema, value), null)
  assert.equal(registry.requests.length, 3)
})

test('A login comes from the URL, from basic.auth.user.info, from sasl.jaas.config, or is a token', async () => {
  await using registry = await SchemaRegistry.start()
  const login = `Basic ${Buffer.from('u:p').toString('base64')}`
  const ways: [string, string, Record<string, string>][] = [
    [login, registry.url.replace('//', '//u:p@'), {}],
    [login, registry.url, { 'basic.auth.credentials.source': 'USER_INFO', 'basic.auth.user.info': 'u:p' }],
    [
      login,
      registry.url,
      {
        'basic.auth.credentials.source': 'SASL_INHERIT',
        'sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";',
      },
    ],
    ['Bearer tok', registry.url, { 'bearer.auth.token': 'tok' }],
  ]
  for (const [authorization, url, more] of ways) {
    registry.authorization = authorization
    assert.notEqual(await written(converterOf(url, more), schema, value), null)
  }
  await assert.rejects(written(converterOf(registry.url), schema, value), (error) => {
    assert.ok(error instanceof ConnectError && !error.retriable && !(error instanceof DataError))
    assert.match(error.message, /t-value: Unauthorized.*basic\.auth\.user\.info/)
    return true
  })
})

test('Headers of request.header go along', async () => {
  await using registry = await SchemaRegistry.start()
  await written(converterOf(registry.url, { 'request.header.X-Tenant': 'a' }), schema, value)
  assert.equal(registry.headers[0]!['x-tenant'], 'a')
})

test('A schema that the subject does not take is bad data, with the reason', async () => {
  await using registry = await SchemaRegistry.start()
  registry.close('t-value')
  await assert.rejects(written(converterOf(registry.url), schema, value), (error) => {
    assert.ok(error instanceof DataError)
    assert.equal(error.code, 'registry.schema-incompatible')
    assert.match(describeError(error), /Failed to serialize Avro data from topic t :.*"t-value", details/)
    return true
  })
})

test('Without auto.register.schemas an unknown schema is bad data', async () => {
  await using registry = await SchemaRegistry.start()
  const converter = converterOf(registry.url, { 'auto.register.schemas': 'false' })
  await assert.rejects(written(converter, schema, value), { code: 'registry.schema-unknown' })
  registry.add('t-value', '"string"')
  await assert.rejects(written(converter, schema, value), { code: 'registry.schema-unknown' })
})

test('An unknown id is bad data, and so are bytes that begin otherwise', async () => {
  await using registry = await SchemaRegistry.start()
  const converter = converterOf(registry.url)
  await assert.rejects(converter.prepareToRead!('t', Buffer.from([0, 0, 0, 0, 9, 0]))!, (error) => {
    assert.ok(error instanceof DataError)
    assert.match(describeError(error), /Schema 9 not found; error code: 40403/)
    return true
  })
  assert.equal(converter.prepareToRead!('t', Buffer.from('{"id":1}')), null)
  assert.throws(
    () => converter.toConnectData('t', Buffer.from('{"id":1}')),
    (error) => {
      assert.match(
        describeError(error),
        /Failed to deserialize data for topic t to Avro: : Unknown magic byte!/,
      )
      return true
    },
  )
})

test('A server that is no registry is refused', async () => {
  await using registry = await SchemaRegistry.start()
  await assert.rejects(written(converterOf(`${registry.url}/elsewhere`), schema, value), {
    code: 'registry.refused',
  })
})

test('Wrong options are refused before anything is asked', () => {
  const wrong: [Record<string, string>, RegExp][] = [
    [{}, /"schema\.registry\.url" which has no default value/],
    [{ 'schema.registry.url': 'localhost' }, /Each URL is of the form http/],
    [{ 'schema.registry.url': 'mock://x' }, /begins with http/],
    [{ 'schema.registry.url': 'http://r', 'value.subject.name.strategy': 'x.Y' }, /must be one of/],
    [{ 'schema.registry.url': 'http://r', 'basic.auth.credentials.source': 'USER_INFO' }, /user:password/],
    [{ 'schema.registry.url': 'http://r', 'basic.auth.credentials.source': 'SASL_INHERIT' }, /sasl\.jaas/],
    [{ 'schema.registry.url': 'http://r', 'bearer.auth.credentials.source': 'OAUTHBEARER' }, /STATIC_TOKEN/],
  ]
  for (const [config, message] of wrong) {
    assert.throws(
      () => avroConverter.create(config, 'value'),
      (error) => {
        assert.ok(error instanceof ConfigError)
        assert.match(error.message, message)
        return true
      },
    )
  }
})
