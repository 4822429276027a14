import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { EngineServer } from '../../../test/servers/engine-server.ts'
import { startEngine, type EngineName } from '../../../test/servers/engines.ts'
import { freePort } from '../../../test/servers/free-port.ts'
import { startTcpProxy } from '../../../test/servers/tcp-proxy.ts'
import { Decimal } from '../../api/decimal.ts'
import { optional, primitiveSchema, structSchema, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { elasticsearchSinkConnector } from '../connector.ts'
import { documentsOf } from './engine-documents.ts'
import { jsonBatch, recordsBatch, sinkRecord } from './sink-batches.ts'
import { SinkRun } from './sink-run.ts'
import { unfitDocuments } from './unfit-documents-suite.ts'

const KEYED = { 'key.ignore': 'false' }

/** What the sink does with an engine of any make and version. */
export function engineSuite(name: EngineName): void {
  describe(`the sink and ${name}`, () => {
    let es: EngineServer
    before(async () => {
      es = await startEngine(name)
    })
    after(() => es.stop())
    const documents = (index: string) => documentsOf(es, index)
    unfitDocuments(() => es)

    test('the record of the walk-through becomes the document of the walk-through', async () => {
      await using run = await SinkRun.start(es.url)
      const value =
        '{"id":1,"name":"Alice","description":"First test record","created_at":1736816257075566,"__op":"r","__ts_ms":1736784417004}'
      await run.put(
        jsonBatch('postgres_server.public.test_table', [{ key: '{"id":1}', value }], { baseOffset: 8n }),
      )
      await run.stored('postgres_server.public.test_table', 9n)
      assert.deepEqual(await documents('postgres_server.public.test_table'), {
        'postgres_server.public.test_table+0+8': [1, JSON.parse(value)],
      })
    })

    // The builds of Elasticsearch for tests have none.
    if (name.startsWith('opensearch')) {
      test('a data stream takes each document once, by its timestamp, and none without', async () => {
        await es.rest.json('PUT', '/_index_template/logs', {
          index_patterns: ['logs-*'],
          data_stream: {},
          priority: 500,
        })
        const values = [
          '{"at":1600000000000,"n":1}',
          '{"n":2}',
          '{"@timestamp":"2024-01-02T00:00:00Z","n":3}',
        ]
        for (let times = 0; times < 2; times++) {
          await using run = await SinkRun.start(es.url, {
            'data.stream.type': 'logs',
            'data.stream.dataset': 'orders',
            'data.stream.timestamp.field': 'at,@timestamp',
            'behavior.on.malformed.documents': 'ignore',
          })
          await run.put(
            jsonBatch(
              't',
              values.map((value) => ({ value })),
            ),
          )
          await run.stored('t', 3n)
          assert.deepEqual(await documents('logs-orders-t'), {
            't+0+0': [1, { at: 1_600_000_000_000, n: 1, '@timestamp': '1600000000000' }],
            't+0+2': [1, { '@timestamp': '2024-01-02T00:00:00Z', n: 3 }],
          })
        }
      })
    }

    test('numbers of any size and strings of any kind arrive unchanged', async () => {
      await es.rest.json('PUT', '/numbers', { mappings: { dynamic: false } })
      await using run = await SinkRun.start(es.url)
      const value =
        '{"big":123456789012345678901234567890,"u64":18446744073709551615,"d":1.0,"s":"\\ud83d\\ude00 값 a\\u0000b\\n"}'
      await run.put(jsonBatch('numbers', [{ value }]))
      await run.stored('numbers', 1n)
      assert.equal((await es.rest.call('GET', '/numbers/_source/numbers+0+0')).text, value)
    })

    test('repeated field names, line breaks and deep nesting are no reason to refuse a document', async () => {
      await using run = await SinkRun.start(es.url)
      const nested = '{"l":'.repeat(14) + '{}' + '}'.repeat(14)
      await run.put(
        jsonBatch('odd', [
          { value: '{"dup":1,"dup":2}' },
          { value: '{\n"a":\r\n1}' },
          { value: nested },
          { value: '{}' },
        ]),
      )
      await run.stored('odd', 4n)
      const found = await documents('odd')
      assert.deepEqual(found['odd+0+0'], [1, { dup: 2 }])
      assert.deepEqual(found['odd+0+1'], [1, { a: 1 }])
      assert.deepEqual(found['odd+0+2'], [1, JSON.parse(nested)])
      assert.deepEqual(found['odd+0+3'], [1, {}])
    })

    test('with keys a record replaces an older document, never a newer one', async () => {
      await es.rest.json('PUT', '/keyed/_doc/mine?version=1000&version_type=external', { v: 'mine' })
      await using run = await SinkRun.start(es.url, {
        ...KEYED,
        'behavior.on.null.values': 'delete',
        'batch.size': '2',
      })
      const records = [
        { key: 'k1', value: '{"v":1}' },
        { key: 'mine', value: '{"v":"kafka"}' },
        { key: 'k1', value: '{"v":3}' },
        { key: 'gone', value: '{"v":4}' },
        { key: 'gone', value: null },
        { key: 'never', value: null },
        { key: 'back', value: '{"v":6}' },
        { key: 'back', value: null },
        { key: 'back', value: '{"v":8}' },
        { key: 'a b/c?#é', value: '{"v":9}' },
      ]
      await run.put(jsonBatch('keyed', records))
      await run.stored('keyed', 10n)
      const expected = {
        k1: [2, { v: 3 }],
        mine: [1000, { v: 'mine' }],
        back: [8, { v: 8 }],
        'a b/c?#é': [9, { v: 9 }],
      }
      assert.deepEqual(await documents('keyed'), expected)
      await using replay = await SinkRun.start(es.url, { ...KEYED, 'behavior.on.null.values': 'delete' })
      await replay.put(jsonBatch('keyed', records))
      await replay.stored('keyed', 10n)
      assert.deepEqual(await documents('keyed'), expected)
    })

    test('upserts merge fields, nested ones included, and a delete of an upserted document takes effect', async () => {
      const config = { ...KEYED, 'write.method': 'upsert', 'behavior.on.null.values': 'delete' }
      await using run = await SinkRun.start(es.url, config)
      await run.put(
        jsonBatch('upserts', [
          { key: 'k', value: '{"a":1,"n":{"x":1,"y":1},"l":[1,2]}' },
          { key: 'k', value: '{"b":2,"n":{"y":2}}' },
          { key: 'k', value: '{"l":[3]}' },
          { key: 'k', value: '{"a":null}' },
          { key: 'deleted', value: '{"a":1}' },
          { key: 'deleted', value: '{"a":2}' },
          { key: 'deleted', value: null },
        ]),
      )
      await run.stored('upserts', 7n)
      assert.deepEqual(await documents('upserts'), { k: [4, { a: null, n: { x: 1, y: 2 }, l: [3], b: 2 }] })
    })

    test('many upserts of few documents in many small requests end as the last records have them', async () => {
      const config = { ...KEYED, 'write.method': 'upsert', 'batch.size': '1', 'max.buffered.records': '5' }
      await using run = await SinkRun.start(es.url, config)
      const records = Array.from({ length: 60 }, (_, n) => ({ key: `k${n % 3}`, value: `{"n":${n}}` }))
      await run.put(jsonBatch('order', records))
      await run.stored('order', 60n)
      const found = await documents('order')
      assert.deepEqual(
        [0, 1, 2].map((k) => found[`k${k}`]![1]),
        [{ n: 57 }, { n: 58 }, { n: 59 }],
      )
    })

    test('documents that do not fit are passed over and reported with the words of Elasticsearch', async () => {
      await es.rest.json('PUT', '/strict', {
        mappings: { properties: { n: { type: 'integer' } }, dynamic: 'strict' },
      })
      const config = { 'behavior.on.malformed.documents': 'ignore' }
      await using run = await SinkRun.start(es.url, config, { hasDeadLetters: true })
      const values = ['{"n":1}', '{"n":"word"}', '{"other":1}', '"text"', '{"n":4}']
      await run.put(
        jsonBatch(
          'strict',
          values.map((value) => ({ value })),
        ),
      )
      await run.stored('strict', 5n)
      assert.deepEqual(Object.keys(await documents('strict')).sort(), ['strict+0+0', 'strict+0+4'])
      const messages = new Map(
        run.context.reported.map(({ origin, error }) => [origin.offset, (error as Error).message]),
      )
      // Newer versions say where in the document, and have another name for it.
      assert.match(
        messages.get(1n)!,
        /^Indexing failed: ElasticsearchException\[Elasticsearch exception \[type=(mapper|document)_parsing_exception, reason=(\[1:6\] )?failed to parse field \[n\] of type \[integer\] in document with id 'strict\+0\+1'. Preview of field's value: 'word'\]\]; nested: ElasticsearchException\[Elasticsearch exception \[type=number_format_exception, reason=For input string: "word"\]\];$/,
      )
      assert.match(
        messages.get(2n)!,
        /^Indexing failed: ElasticsearchException\[Elasticsearch exception \[type=strict_dynamic_mapping_exception, reason=(\[1:\d+\] )?mapping set to strict, dynamic introduction of \[other\] within \[_doc\] is not allowed\]\]$/,
      )
      assert.match(messages.get(3n)!, /the value is STRING/)
    })

    test('an index that is blocked for writes is waited for', async () => {
      await es.rest.json('PUT', '/blocked', { settings: { 'index.blocks.write': true } })
      await using run = await SinkRun.start(es.url)
      await run.put(jsonBatch('blocked', [{ value: '{"n":1}' }, { value: '{"n":2}' }]))
      await run.context.until(() => run.context.warnings().length > 0)
      assert.equal(await run.committable('blocked', 2n), 0n)
      await es.rest.json('PUT', '/blocked/_settings', { 'index.blocks.write': false })
      await run.stored('blocked', 2n)
      assert.equal(Object.keys(await documents('blocked')).length, 2)
      assert.deepEqual(run.context.errors, [])
    })

    test('an index that is deleted while the task runs is made anew, also where the server does not do it', async () => {
      for (const mayCreate of ['true', 'false']) {
        const index = `deleted-${mayCreate}`
        await using run = await SinkRun.start(es.url)
        await run.put(jsonBatch(index, [{ value: '{"n":1}' }]))
        await run.stored(index, 1n)
        await es.rest.json('PUT', '/_cluster/settings', {
          persistent: { 'action.auto_create_index': mayCreate },
        })
        await es.rest.json('DELETE', `/${index}`)
        await run.put(jsonBatch(index, [{ value: '{"n":2}' }], { baseOffset: 1n }))
        await run.stored(index, 2n)
        assert.deepEqual(await documents(index), { [`${index}+0+1`]: [1, { n: 2 }] })
        await es.rest.json('PUT', '/_cluster/settings', { persistent: { 'action.auto_create_index': null } })
      }
    })

    test('with schema.ignore=false the mapping comes from the schema', async () => {
      const inner = structSchema([{ name: 'a', schema: optional(primitiveSchema('int32')) }])
      const map: Schema = {
        type: 'map',
        optional: true,
        keySchema: primitiveSchema('string'),
        valueSchema: primitiveSchema('int32'),
      }
      const fields: readonly [string, Schema, ConnectValue][] = [
        ['i8', primitiveSchema('int8'), -128],
        ['i64', primitiveSchema('int64', { default: 6n }), 9223372036854775807n],
        ['f32', primitiveSchema('float'), 1.5],
        ['str', optional(primitiveSchema('string')), 'text'],
        ['bin', primitiveSchema('bytes'), Buffer.from([1, 2, 3])],
        [
          'dec',
          primitiveSchema('bytes', { name: 'org.apache.kafka.connect.data.Decimal' }),
          Decimal.parse('12.34'),
        ],
        [
          'date',
          primitiveSchema('int32', { name: 'org.apache.kafka.connect.data.Date' }),
          new Date(19700 * 86_400_000),
        ],
        ['arrs', { type: 'array', optional: true, valueSchema: inner }, [new ValueStruct(inner, [1])]],
        ['map', map, new Map([['one', 1]])],
      ]
      const schema = structSchema(fields.map(([name, schema]) => ({ name, schema })))
      const value = new ValueStruct(
        schema,
        fields.map(([, , value]) => value),
      )
      await using run = await SinkRun.start(es.url, { 'schema.ignore': 'false' })
      await run.put(recordsBatch('mapped', [sinkRecord('mapped', 0n, { valueSchema: schema, value })]))
      await run.stored('mapped', 1n)
      const { mapped } = (await es.rest.json('GET', '/mapped/_mapping')) as {
        mapped: { mappings: { properties: object } }
      }
      const text = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } }
      assert.deepEqual(mapped.mappings.properties, {
        arrs: { properties: { a: { type: 'integer' } } },
        bin: { type: 'binary' },
        date: { type: 'date' },
        dec: { type: 'double' },
        f32: { type: 'float' },
        i64: { type: 'long', null_value: 6 },
        i8: { type: 'byte' },
        map: { properties: { key: text, one: { type: 'long' }, value: { type: 'integer' } } },
        str: text,
      })
      assert.equal(
        (await es.rest.call('GET', '/mapped/_source/mapped+0+0')).text,
        '{"i8":-128,"i64":9223372036854775807,"f32":1.5,"str":"text","bin":"AQID","dec":12.34,"date":19700,"arrs":[{"a":1}],"map":{"one":1}}',
      )
    })

    test('compressed requests arrive', async () => {
      await using run = await SinkRun.start(es.url, { 'connection.compression': 'true' })
      const records = Array.from({ length: 3000 }, (_, n) => ({ value: `{"n":${n}}` }))
      await run.put(jsonBatch('compressed', records))
      await run.stored('compressed', 3000n)
      assert.equal(Object.keys(await documents('compressed')).length, 3000)
    })

    test('an Elasticsearch that is killed in the middle and comes back loses nothing', async () => {
      await using run = await SinkRun.start(es.url, { 'batch.size': '100', 'max.buffered.records': '1000' })
      const batch = (i: number) =>
        jsonBatch(
          'killed',
          Array.from({ length: 500 }, (_, n) => ({ value: `{"n":${i * 500 + n}}` })),
          { baseOffset: BigInt(i * 500) },
        )
      await run.put(batch(0))
      await run.stored('killed', 500n)
      const puts = (async () => {
        for (let i = 1; i < 12; i++) await run.put(batch(i))
      })()
      await es.kill()
      await es.restart()
      await puts
      await run.context.until(async () => (await run.committable('killed', 6000n)) === 6000n, 60_000)
      assert.deepEqual(run.context.errors, [])
      assert.equal(Object.keys(await documents('killed')).length, 6000)
    })

    test('of several addresses those that answer are used, and one that falls silent is left', async () => {
      const server = { host: '127.0.0.1', port: Number(new URL(es.url).port) }
      await using first = await startTcpProxy(server)
      await using second = await startTcpProxy(server)
      const closed = `http://127.0.0.1:${await freePort()}`
      const urls = [closed, ...[first, second].map(({ port }) => `http://127.0.0.1:${port}`)].join()
      await using run = await SinkRun.start(urls, { 'read.timeout.ms': '500', 'batch.size': '10' })
      const batch = (i: number) =>
        jsonBatch(
          'failover',
          Array.from({ length: 50 }, (_, n) => ({ value: `{"n":${i * 50 + n}}` })),
          { baseOffset: BigInt(i * 50) },
        )
      await run.put(batch(0))
      await run.stored('failover', 50n)
      assert.ok(first.connections > 0 && second.connections > 0)
      first.blackhole(true)
      for (let i = 1; i < 10; i++) await run.put(batch(i))
      await run.stored('failover', 500n)
      assert.equal(Object.keys(await documents('failover')).length, 500)
      assert.deepEqual(run.context.errors, [])
    })

    test('the connection test takes the server, whether it says who it is or not', async () => {
      const config = { 'connection.url': es.url, 'key.ignore': 'true', 'schema.ignore': 'true', topics: 't' }
      const { signal } = new AbortController()
      assert.deepEqual(await elasticsearchSinkConnector.validate!(config, signal), [])
    })
  })
}
