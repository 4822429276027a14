import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestClient } from './testing/rest-client.ts'

const SINK = { 'connector.class': 'FakeSinkConnector', topics: 't' }

test('POST creates a connector and says where it is', async () => {
  await using client = await RestClient.start()
  const answer = await client.call('POST', '/connectors', { json: { name: 'a b+c', config: SINK } })
  assert.equal(answer.status, 201)
  assert.equal(answer.headers.location, `http://127.0.0.1:${client.port}/connectors/a%20b+c`)
  assert.deepEqual(answer.json, {
    name: 'a b+c',
    config: { ...SINK, name: 'a b+c' },
    tasks: [{ connector: 'a b+c', task: 0 }],
    type: 'sink',
  })
  assert.equal((await client.call('GET', '/connectors/a%20b+c/config')).status, 200)
  const again = await client.call('POST', '/connectors', { json: { name: 'a b+c', config: SINK } })
  assert.deepEqual(again.json, { error_code: 409, message: 'Connector a b+c already exists' })
})

test('names are trimmed, and a missing name is an empty one', async () => {
  await using client = await RestClient.start()
  await client.call('POST', '/connectors', { json: { name: ' a ', config: SINK } })
  await client.call('POST', '/connectors', { json: { config: SINK } })
  assert.deepEqual(client.herder.connectors(), ['a', ''])
})

test('numbers and booleans in configurations become the text that was posted', async () => {
  await using client = await RestClient.start()
  const raw = '{"name":12,"config":{"i":1.0,"e":1e3,"big":12345678901234567890,"b":true,"n":null}}'
  await client.call('POST', '/connectors', { raw })
  assert.deepEqual(client.herder.configs.get('12'), {
    i: '1.0',
    e: '1e3',
    big: '12345678901234567890',
    b: 'true',
    n: null,
    name: '12',
  })
})

test('bodies of a wrong shape are answered with 500, as the reference does, and change nothing', async () => {
  await using client = await RestClient.start()
  const cases: readonly (readonly [raw: string, message: string])[] = [
    ['{bad', 'The request body is not valid JSON (line 1 column 2)'],
    ['', 'The request has no body; a JSON object is expected'],
    ['null', 'The request must be a JSON object'],
    ['[]', 'The request must be a JSON object'],
    ['{"name":"a"}', 'The field "config" must be a JSON object'],
    ['{"name":"a","config":[1]}', 'The field "config" must be a JSON object'],
    ['{"name":{},"config":{}}', 'The field "name" must be text'],
    [
      '{"name":"a","config":{"x":{}}}',
      'The field "config": the value of "x" must be text, a number, a boolean or null',
    ],
    [
      '{"name":"a","config":{},"foo":1}',
      'The request has an unknown field "foo"; it may have name, config, initial_state',
    ],
    [
      '{"name":"a","config":{},"initial_state":"SLEEPING"}',
      'The field "initial_state" must be one of RUNNING, PAUSED, STOPPED, but is: SLEEPING',
    ],
  ]
  for (const [raw, message] of cases) {
    const { status, json } = await client.call('POST', '/connectors', { raw })
    assert.deepEqual([status, json], [500, { error_code: 500, message }], raw)
  }
  assert.deepEqual(client.herder.connectors(), [])
  assert.deepEqual(client.logged, [], 'faults of clients are not worth an error in the log')
})

test('what the client posted is not repeated in the answer to JSON that does not parse', async () => {
  await using client = await RestClient.start()
  for (const raw of ['{"config":{"database.password":"secret",}', 'secret', '{"a":"secret']) {
    const { text } = await client.call('POST', '/connectors', { raw })
    assert.doesNotMatch(text, /secret/)
  }
})

test('the initial state is taken in any case', async () => {
  await using client = await RestClient.start()
  await client.call('POST', '/connectors', { json: { name: 'a', config: SINK, initial_state: 'paused' } })
  await client.call('POST', '/connectors', { json: { name: 'b', config: SINK, initial_state: null } })
  assert.deepEqual([...client.herder.states], [['a', 'PAUSED']])
})

test('PUT creates with 201 and updates with 200; PATCH merges', async () => {
  await using client = await RestClient.start()
  const created = await client.call('PUT', '/connectors/c/config', { json: SINK })
  assert.equal(created.status, 201)
  assert.match(created.headers.location ?? '', /\/connectors\/c$/)
  assert.equal((await client.call('PUT', '/connectors/c/config', { json: { ...SINK, x: 1 } })).status, 200)
  const patched = await client.call('PATCH', '/connectors/c/config', { json: { x: null, y: 2 } })
  assert.equal(patched.status, 200)
  assert.deepEqual(client.herder.configs.get('c'), { ...SINK, name: 'c', y: '2' })
})

test('expand puts infos and statuses beside the names', async () => {
  await using client = await RestClient.start()
  await client.call('PUT', '/connectors/c/config', { json: SINK })
  const info = (await client.call('GET', '/connectors/c')).json
  const status = (await client.call('GET', '/connectors/c/status')).json
  const cases = [
    ['', ['c']],
    ['?expand=info', { c: { info } }],
    ['?expand=info&expand=status&expand=x', { c: { info, status } }],
    ['?expand=info,status', { c: {} }],
  ] as const
  for (const [query, expected] of cases) {
    assert.deepEqual((await client.call('GET', `/connectors${query}`)).json, expected, query)
  }
})

test('states are changed by pause, resume, stop and restart, with the statuses of the reference', async () => {
  await using client = await RestClient.start()
  await client.call('PUT', '/connectors/c/config', { json: SINK })
  const cases = [
    ['PUT', '/connectors/c/pause', 202, 'PAUSED'],
    ['PUT', '/connectors/c/resume', 202, 'STARTED'],
    ['PUT', '/connectors/c/stop', 204, 'STOPPED'],
    ['POST', '/connectors/c/restart', 204, 'STOPPED'],
    ['POST', '/connectors/c/restart?includeTasks=maybe', 204, 'STOPPED'],
    ['POST', '/connectors/c/tasks/0/restart', 204, 'STOPPED'],
    ['POST', '/connectors/c/restart?onlyFailed=TRUE', 202, 'STOPPED'],
  ] as const
  for (const [method, path, status, state] of cases) {
    assert.equal((await client.call(method, path)).status, status, path)
    assert.equal(client.herder.states.get('c'), state, path)
  }
  assert.equal((await client.call('DELETE', '/connectors/c')).status, 204)
  assert.equal((await client.call('DELETE', '/connectors/c')).status, 404)
})

test('a status has the trace of a failed task; an unknown task is 404', async () => {
  await using client = await RestClient.start()
  await client.call('PUT', '/connectors/c/config', { json: SINK })
  assert.deepEqual((await client.call('GET', '/connectors/c/tasks/0/status')).json, {
    id: 0,
    state: 'FAILED',
    worker_id: 'w:1',
    trace: 'why',
    version: '1',
  })
  for (const path of ['/connectors/c/tasks/7/status', '/connectors/none/tasks/7/status']) {
    const name = path.split('/')[2]
    assert.deepEqual((await client.call('GET', path)).json, {
      error_code: 404,
      message: `No status found for task ${name}-7`,
    })
  }
})

test('64-bit integers in offsets are written and read as bare numbers, unchanged', async () => {
  await using client = await RestClient.start()
  await client.call('PUT', '/connectors/c/config', { json: SINK })
  const raw = '{"offsets":[{"partition":{"server":"s"},"offset":{"lsn":9007199254740993,"txId":5}}]}'
  assert.deepEqual((await client.call('PATCH', '/connectors/c/offsets', { raw })).json, {
    message: 'altered',
  })
  assert.equal(client.herder.offsets[0]?.offset?.['lsn'], 9007199254740993n)
  assert.equal((await client.call('GET', '/connectors/c/offsets')).text, raw)
  assert.deepEqual((await client.call('DELETE', '/connectors/c/offsets')).json, { message: 'reset' })
  for (const body of ['{}', '{"offsets":null}', '{"offsets":[]}']) {
    assert.deepEqual((await client.call('PATCH', '/connectors/c/offsets', { raw: body })).json, {
      error_code: 400,
      message: 'Partitions / offsets need to be provided for an alter offsets request',
    })
  }
})

test('plugins list connectors, or everything', async () => {
  await using client = await RestClient.start()
  const sink = { class: 'x.FakeSinkConnector', type: 'sink', version: '1' }
  assert.deepEqual((await client.call('GET', '/connector-plugins')).json, [sink])
  assert.deepEqual((await client.call('GET', '/connector-plugins?connectorsOnly=false')).json, [
    sink,
    { class: 'x.FakeConverter', type: 'converter', version: '2' },
  ])
})

test('definitions and validations have the fields of the reference, and no password', async () => {
  await using client = await RestClient.start()
  const definitions = (await client.call('GET', '/connector-plugins/Fake/config')).json as { name: string }[]
  assert.deepEqual(definitions[1], {
    name: 'linger.ms',
    type: 'LONG',
    required: false,
    default_value: '1',
    importance: 'LOW',
    documentation: 'How long to wait.',
    group: 'Flow',
    width: 'NONE',
    display_name: 'linger.ms',
    dependents: [],
    order_in_group: 2,
  })
  const config = { ...SINK, topics: ' a , b ', password: 'secret', 'batch.size': 'x' }
  const answer = await client.call('PUT', '/connector-plugins/FakeSinkConnector/config/validate', {
    json: config,
  })
  const { configs, ...rest } = answer.json as { configs: { definition: unknown; value: unknown }[] }
  assert.deepEqual(rest, { name: 'FakeSinkConnector', error_count: 1, groups: ['Flow'] })
  assert.deepEqual(
    configs.map(({ value }) => value),
    [
      {
        name: 'batch.size',
        value: null,
        recommended_values: [],
        errors: ['Invalid value x for configuration batch.size: Not a number of type INT'],
        visible: true,
      },
      { name: 'linger.ms', value: '1', recommended_values: [], errors: [], visible: true },
      { name: 'password', value: '[hidden]', recommended_values: [], errors: [], visible: true },
      { name: 'topics', value: 'a,b', recommended_values: [], errors: [], visible: true },
    ],
  )
})

test('log levels are set for the process and remembered for others', async () => {
  await using client = await RestClient.start()
  const put = (name: string, level: unknown, query = '') =>
    client.call('PUT', `/admin/loggers/${name}${query}`, { json: { level } })
  assert.deepEqual((await put('a.b', 'debug')).json, ['a.b'])
  assert.deepEqual((await put('a.b', 'DEBUG')).json, [], 'the same level changes nothing')
  assert.deepEqual((await put('a', 'INFO')).json, ['a.b'])
  assert.equal((await put('a.b', 'WARN', '?scope=cluster')).status, 204)
  assert.deepEqual((await put('root', 'ERROR')).json, ['a.b', 'root'])
  assert.equal(client.logger.level, 'error')
  assert.deepEqual((await put('a.b', 'LOUD')).json, { error_code: 404, message: "invalid log level 'LOUD'." })
  assert.deepEqual((await put('a.b', null)).json, {
    error_code: 400,
    message: "Desired 'level' parameter was not specified in request.",
  })
  assert.deepEqual((await client.call('GET', '/admin/loggers/none')).json, {
    error_code: 404,
    message: 'Logger none not found.',
  })
})

test('topics of a worker that does not track them are forbidden, whether there is such a connector or not', async () => {
  await using client = await RestClient.start()
  client.herder.isTracking = false
  const forbidden = { error_code: 403, message: 'Topic tracking is disabled.' }
  assert.deepEqual((await client.call('GET', '/connectors/none/topics')).json, forbidden)
  assert.deepEqual((await client.call('PUT', '/connectors/none/topics/reset')).json, forbidden)
})

test('a client may wait for less time than the server would', async () => {
  await using client = await RestClient.start()
  client.herder.onRestartTask = () => new Promise(() => {})
  const headers = { 'x-request-timeout': '50' }
  const { status, json } = await client.call('POST', '/connectors/c/tasks/0/restart', { headers })
  assert.equal(status, 500)
  assert.match(
    (json as { message: string }).message,
    /^Request timed out\. The operation took more than 50 ms/,
  )
})
