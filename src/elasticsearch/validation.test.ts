import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { elasticsearchSinkConnector as plugin } from './connector.ts'
import { elasticsearchOptions } from './options/elasticsearch-options.ts'
import { FakeElasticsearch } from './testing/fake-elasticsearch.ts'

const signal = new AbortController().signal

/** `option: message` of every problem, of single options and of all together. */
async function problems(url: string, config: Record<string, string>): Promise<string[]> {
  const whole = { 'connection.url': url, 'key.ignore': 'true', 'schema.ignore': 'true', ...config }
  const errors = elasticsearchOptions
    .validate(whole)
    .flatMap(({ name, errors }) => errors.map((e) => `${name}: ${e}`))
  if (errors.length > 0) return errors
  return (await plugin.validate!(whole, signal)).map(({ option, message }) => `${option}: ${message}`)
}

test('a good configuration has no problem, legacy properties included', async () => {
  await using es = await FakeElasticsearch.start()
  const config = { 'type.name': '_doc', 'topic.index.map': 'a:b', 'behavior.on.null.values': 'DELETE' }
  assert.deepEqual(await problems(es.url, config), [])
})

test('each task has the configuration, its class and its number', () => {
  const config = { 'type.name': '_doc' }
  const taskClass = 'io.confluent.connect.elasticsearch.ElasticsearchSinkTask'
  assert.deepEqual(plugin.taskConfigs(config, 2), [
    { ...config, 'task.class': taskClass, taskId: '0' },
    { ...config, 'task.class': taskClass, taskId: '1' },
  ])
})

test('single options are refused in the words of the reference', async () => {
  const cases: readonly [Record<string, string>, readonly string[]][] = [
    [
      { 'batch.size': '0' },
      ['batch.size: Invalid value 0 for configuration batch.size: Value must be at least 1'],
    ],
    [
      { 'batch.size': 'x' },
      [
        'batch.size: Invalid value x for configuration batch.size: Not a number of type INT',
        'batch.size: Invalid value null for configuration batch.size: Value must be non-null',
      ],
    ],
    [
      { 'batch.size': '10000001' },
      ['batch.size: Invalid value 10000001 for configuration batch.size: Value must be no more than 1000000'],
    ],
    [
      { 'bulk.size.bytes': '-2' },
      ['bulk.size.bytes: Invalid value -2 for configuration bulk.size.bytes: Value must be at least -1'],
    ],
    [
      { 'write.method': 'update' },
      [
        'write.method: Invalid value update for configuration write.method: Value must be one of: [insert, upsert]',
      ],
    ],
    [
      { 'connection.url': '127.0.0.1:9200' },
      [
        "connection.url: Invalid value [127.0.0.1:9200] for configuration connection.url: The provided url '127.0.0.1:9200' is not a valid url.",
      ],
    ],
    [
      { 'connection.url': 'http://[' },
      [
        "connection.url: Invalid value [http://[] for configuration connection.url: The provided url 'http://[' is not a valid url.",
      ],
    ],
  ]
  for (const [config, expected] of cases)
    assert.deepEqual(await problems('http://127.0.0.1:1', config), expected)
  assert.deepEqual(elasticsearchOptions.validate({}).find(({ name }) => name === 'connection.url')!.errors, [
    'Missing required configuration "connection.url" which has no default value.',
    'Invalid value null for configuration connection.url: The config must be provided and non-null.',
  ])
})

test('options that contradict each other are refused in the words of the reference', async () => {
  await using es = await FakeElasticsearch.start()
  const both = "Both 'connection.username' and 'connection.password' must be set."
  const linger = "'linger.ms' (200000) can not be larger than 'flush.timeout.ms' (1000)."
  const buffer =
    "'max.buffered.records' (10) must be larger than or equal to 'batch.size' (2000) x max.in.flight.requests (5)."
  const keys = "'topic.key.ignore' can not be set if 'key.ignore' is true."
  const stream = "Either both or neither 'data.stream.dataset' and 'data.stream.type' must be set."
  const schemas = "'topic.schema.ignore' can not be set if 'schema.ignore' is true."
  const proxy = "Either both or neither 'proxy.username' and 'proxy.password' can be set."
  const noPassword = "'proxy.host' must be set to use 'proxy.password'."
  const kerberos = "Either both or neither 'kerberos.user.principal' and 'kerberos.keytab.path' must be set."
  const factory = 'elastic.https.ssl.engine.factory.class'
  const noProxy = "'proxy.host' must be set to use 'proxy.username'."
  const dataset = 'Invalid value a-b for configuration data.stream.dataset: The specified dataset must not contain any spaces or invalid characters \\/*?"<>|,#-:' // prettier-ignore
  const ssl = "'elastic.security.protocol' must be set to 'SSL' to use SSL configs."
  const logs = { 'data.stream.type': 'logs', 'data.stream.dataset': 'x' }
  const cases: readonly [Record<string, string>, Record<string, string>][] = [
    [{ 'connection.username': 'u' }, { 'connection.username': both, 'connection.password': both }],
    [
      { 'linger.ms': '200000', 'flush.timeout.ms': '1000' },
      { 'linger.ms': linger, 'flush.timeout.ms': linger },
    ],
    [
      { 'max.buffered.records': '10' },
      { 'max.buffered.records': buffer, 'batch.size': buffer, 'max.in.flight.requests': buffer },
    ],
    [{ 'topic.key.ignore': 'a' }, { 'key.ignore': keys, 'topic.key.ignore': keys }],
    [{ 'topic.schema.ignore': 'a' }, { 'schema.ignore': schemas, 'topic.schema.ignore': schemas }],
    [{ 'proxy.username': 'u' }, { 'proxy.username': noProxy, 'proxy.host': noProxy }],
    [{ 'proxy.password': '' }, { 'proxy.password': noPassword, 'proxy.host': noPassword }],
    [
      { 'kerberos.user.principal': 'u' },
      { 'kerberos.user.principal': kerberos, 'kerberos.keytab.path': kerberos },
    ],
    [
      { 'kerberos.keytab.path': '/k' },
      {
        'kerberos.keytab.path':
          'Invalid value /k for configuration kerberos.keytab.path: The specified file must end with .keytab',
      },
    ],
    [
      { [factory]: 'x' },
      { [factory]: `Invalid value x for configuration ${factory}: Class x could not be found.` },
    ],
    [
      { 'elastic.https.ssl.cipher.suites': 'a,a', 'elastic.https.ssl.enabled.protocols': 'a,,b' },
      {
        'elastic.https.ssl.cipher.suites': "Configuration 'ssl.cipher.suites' values must not be duplicated.",
        'elastic.https.ssl.enabled.protocols':
          "Configuration 'ssl.enabled.protocols' values must not be empty.",
      },
    ],
    [
      { 'proxy.host': 'h', 'proxy.username': 'u' },
      { 'proxy.username': proxy, 'proxy.password': proxy },
    ],
    [{ ...logs, 'data.stream.dataset': 'a-b' }, { 'data.stream.dataset': dataset }],
    [
      { ...logs, 'data.stream.namespace': 'Prod' },
      {
        'data.stream.namespace':
          'Invalid value Prod for configuration data.stream.namespace: The specified namespace must be in all lowercase.',
      },
    ],
    [
      { 'data.stream.timestamp.field': 'a' },
      {
        'data.stream.timestamp.field':
          "Mapping a field to the '@timestamp' field is only necessary when working with data streams. 'data.stream.timestamp.field' must not be set when not using data streams.",
      },
    ],
    [{ 'data.stream.dataset': 'x' }, { 'data.stream.dataset': stream, 'data.stream.type': stream }],
    [{ 'data.stream.type': 'traces' }, { 'data.stream.dataset': stream, 'data.stream.type': stream }],
    [
      { ...logs, 'write.method': 'upsert' },
      {
        'write.method':
          'Upserts are not supported with data streams. write.method must not be UPSERT when using data streams.',
      },
    ],
    [
      { ...logs, 'behavior.on.null.values': 'delete' },
      {
        'behavior.on.null.values':
          'Deletes are not supported with data streams. behavior.on.null.values must not be DELETE when using data streams.',
      },
    ],
    [{ 'elastic.https.ssl.truststore.location': '/nowhere' }, { 'elastic.security.protocol': ssl }],
    [
      { 'connection.url': '' },
      { 'connection.url': 'Malformed Elasticsearch connection URL: hosts must not be null nor empty' },
    ],
    [
      { 'connection.url': `${es.url},` },
      { 'connection.url': 'Malformed Elasticsearch connection URL: HTTP Host may not be empty' },
    ],
  ]
  for (const [config, expected] of cases) {
    assert.deepEqual(
      await problems(es.url, config),
      Object.entries(expected).map(([option, message]) => `${option}: ${message}`),
    )
  }
})

test('what this version cannot do is refused by name', async () => {
  await using es = await FakeElasticsearch.start()
  const cases: readonly [Record<string, string>, string][] = [
    [{ 'connection.auth': 'api-key' }, 'connection.api.key'],
    [{ 'connection.auth': 'bearer' }, 'connection.bearer.token'],
    [
      { 'connection.auth': 'bearer', 'connection.username': 'u', 'connection.password': 'p' },
      'connection.username',
    ],
    [{ 'connection.auth': 'aws-sigv4' }, 'connection.aws.access.key.id'],
    [
      { 'connection.auth': 'aws-sigv4', 'connection.aws.access.key.id': 'x' },
      'connection.aws.secret.access.key',
    ],
    [{ 'kerberos.keytab.path': '/k.keytab', 'kerberos.user.principal': 'u' }, 'kerberos.user.principal'],
    [
      { 'elastic.security.protocol': 'SSL', 'elastic.https.ssl.truststore.location': '/t' },
      'elastic.https.ssl.truststore.location',
    ],
  ]
  for (const [config, option] of cases) {
    const found = await problems(es.url, config)
    assert.ok(found.length > 0, JSON.stringify(config))
    assert.ok(found[0]!.startsWith(`${option}: `), found[0])
  }
})

test('an Elasticsearch that does not answer is refused, and one node of several is enough', async () => {
  await using es = await FakeElasticsearch.start()
  const dead = 'http://127.0.0.1:1'
  const found = await problems(dead, {})
  assert.equal(found.length, 2)
  assert.match(
    found[0]!,
    /^connection\.url: Could not connect to Elasticsearch\. Error message: .*ECONNREFUSED/,
  )
  assert.match(
    found[1]!,
    /^connection\.url: Could not initialize the Elasticsearch client\. This may indicate/,
  )
  assert.deepEqual(await problems(`${dead},${es.url}`, {}), [])
  es.refusalOf = () => ({ status: 503, type: 'master_not_discovered_exception' })
  assert.match((await problems(es.url, {}))[0]!, /Could not connect.*master_not_discovered_exception/)
})

test('an Elasticsearch that is late with its answer is asked again, and one that never answers is refused', async () => {
  let asked = 0
  let answersFrom = 2
  const server = createServer((_request, response) => {
    if (++asked >= answersFrom) response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  assert.deepEqual(await problems(url, { 'read.timeout.ms': '1000' }), [])
  asked = 0
  answersFrom = Infinity
  assert.match((await problems(url, { 'read.timeout.ms': '50' }))[0]!, /No answer within 50 ms/)
  assert.equal(asked, 3)
  server.close()
  server.closeAllConnections()
})

test('wrong credentials are told apart from missing privileges and missing handlers', async () => {
  await using es = await FakeElasticsearch.start()
  const config = { 'connection.username': 'u', 'connection.password': 'secret' }
  es.refusalOf = () => ({
    status: 401,
    type: 'security_exception',
    reason: 'unable to authenticate user [u]',
  })
  const found = await problems(es.url, config)
  assert.match(
    found[0]!,
    /^connection\.username: Could not authenticate the user\. Check the 'connection\.username' and 'connection\.password'\./,
  )
  assert.ok(found.every((message) => !message.includes('secret')))
  for (const status of [400, 403, 404]) {
    es.refusalOf = () => ({ status, type: 'x' })
    assert.deepEqual(await problems(es.url, config), [])
  }
})
