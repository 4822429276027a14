import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchemaRegistry } from '../../../test/servers/schema-registry.ts'
import type { Converter } from '../../api/plugin.ts'
import { structSchema, type Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { cloudEventsConverter } from './cloud-events-converter.ts'

const STRING: Schema = { type: 'string', optional: false }
const ROW = structSchema(
  [
    { name: 'id', schema: { type: 'int32', optional: false } },
    { name: 'name', schema: { ...STRING, optional: true } },
  ],
  { name: 'p.public.t.Value', optional: true },
)
const SOURCE = structSchema([
  { name: 'connector', schema: STRING },
  { name: 'name', schema: STRING },
  { name: 'ts_ms', schema: { type: 'int64', optional: false } },
  { name: 'db', schema: STRING },
  { name: 'lsn', schema: { type: 'int64', optional: true } },
  { name: 'snapshot', schema: { ...STRING, optional: true, default: 'false' } },
])
const ENVELOPE = structSchema(
  [
    { name: 'before', schema: ROW },
    { name: 'after', schema: ROW },
    { name: 'source', schema: SOURCE },
    { name: 'op', schema: STRING },
  ],
  { name: 'p.public.t.Envelope' },
)
const CHANGE = new ValueStruct(ENVELOPE, [
  null,
  new ValueStruct(ROW, [1, 'one']),
  new ValueStruct(SOURCE, ['postgresql', 'p', 1_700_000_000_001n, 'd', 9_007_199_254_740_995n, null]),
  'c',
])

async function thereAndBack(converter: Converter): Promise<ConnectValue> {
  await converter.prepareToWrite?.('t', ENVELOPE, CHANGE)
  const bytes = converter.fromConnectData('t', ENVELOPE, CHANGE)
  await converter.prepareToRead?.('t', bytes)
  return converter.toConnectData('t', bytes).value
}

function attribute(event: ConnectValue, name: string): ConnectValue {
  return isStruct(event) ? event.get(name) : (event as ReadonlyMap<string, ConnectValue>).get(name)!
}

test('an event holds the rows of its change, whatever the two are written as', async () => {
  await using registry = await SchemaRegistry.start()
  const avro = { 'avro.schema.registry.url': registry.url }
  for (const config of [
    {},
    { 'data.serializer.type': 'avro', ...avro },
    { 'serializer.type': 'avro', 'data.serializer.type': 'avro', ...avro },
  ]) {
    const event = await thereAndBack(cloudEventsConverter.create(config, 'value'))
    assert.equal(attribute(event, 'source'), '/debezium/postgresql/p')
    assert.equal(attribute(event, 'time'), '2023-11-14T22:13:20.001Z')
    assert.equal(attribute(event, 'iodebeziumlsn'), '9007199254740995')
    assert.equal(attribute(event, 'iodebeziumsnapshot'), 'false')
    const data = attribute(event, 'data')
    assert.ok(isStruct(data))
    assert.equal(data.get('before'), null)
    const after = data.get('after')
    assert.ok(isStruct(after))
    assert.deepEqual([after.get('id'), after.get('name')], [1, 'one'])
  }
})

test('what is no change has no event, and no bytes have none either', () => {
  const converter = cloudEventsConverter.create({}, 'value')
  assert.equal(converter.fromConnectData('t', null, null), null)
  assert.equal(converter.fromConnectData('t', STRING, 'heartbeat'), null)
  assert.deepEqual(converter.toConnectData('t', null), { schema: null, value: null })
})

test('bytes that are no event are refused, and are not shown', () => {
  const converter = cloudEventsConverter.create({}, 'value')
  for (const [text, why] of [
    ['{"id":"1","secret":2}', /is not a CloudEvent: it has no source, specversion, type$/],
    ['[1]', /is not a CloudEvent: it is no object$/],
    ['{', /failed due to serialization error: $/],
  ] as const) {
    assert.throws(() => converter.toConnectData('t', Buffer.from(text)), { name: 'DataError', message: why })
  }
})

test('headers are looked at only where the options ask for them', () => {
  assert.ok(!('forHeaders' in cloudEventsConverter.create({}, 'value')))
  const converter = cloudEventsConverter.create({ 'metadata.source': 'value,id:header' }, 'value')
  const header = { name: 'id', value: Buffer.from('{"schema":{"type":"string"},"payload":"mine"}') }
  const bytes = converter.forHeaders!([header]).fromConnectData('t', ENVELOPE, CHANGE)!
  assert.equal((JSON.parse(Buffer.from(bytes).toString()) as { id: string }).id, 'mine')
})

test('an Apicurio registry is asked for by its Confluent compatible interface', () => {
  assert.throws(
    () =>
      cloudEventsConverter.create(
        { 'data.serializer.type': 'avro', 'avro.apicurio.registry.url': 'http://a/apis' },
        'value',
      ),
    /Confluent compatible interface as avro\.schema\.registry\.url$/,
  )
})
