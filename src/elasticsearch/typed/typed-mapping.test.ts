import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from '../../api/decimal.ts'
import { primitiveSchema, structSchema, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { documentJson } from '../documents/document-json.ts'
import { countFields, limitedMapping, typedProperties } from './typed-mapping.ts'

const named = (
  type: Parameters<typeof primitiveSchema>[0],
  name: string,
  parameters?: Record<string, string>,
) => primitiveSchema(type, { name, ...(parameters !== undefined && { parameters }) })

const decimal = (parameters: Record<string, string>) => named('bytes', 'org.apache.kafka.connect.data.Decimal', parameters) // prettier-ignore
const vector: Schema = { type: 'array', optional: true, name: 'io.debezium.data.FloatVector', valueSchema: primitiveSchema('float'), parameters: { '__debezium.source.column.length': '3' } } // prettier-ignore
const pointSchema = structSchema([{ name: 'x', schema: primitiveSchema('double') }, { name: 'y', schema: primitiveSchema('double') }], { name: 'io.debezium.data.geometry.Point' }) // prettier-ignore

const columns: readonly (readonly [what: string, schema: Schema, value: ConnectValue, type: string | undefined, json: string])[] = [
  ['a whole number', primitiveSchema('int64'), 9007199254740993n, 'long', '9007199254740993'],
  ['a date', named('int32', 'io.debezium.time.Date'), 19_782, 'date', '"2024-02-29"'],
  ['a timestamp', named('int64', 'io.debezium.time.MicroTimestamp'), 1_000_001n, 'date', '"1970-01-01T00:00:01.000001"'],
  ['a timestamp of Connect', named('int64', 'org.apache.kafka.connect.data.Timestamp'), new Date(5), 'date', '"1970-01-01T00:00:00.005"'],
  ['a moment with its zone', named('string', 'io.debezium.time.ZonedTimestamp'), '2024-02-29T00:00:00Z', 'date', '"2024-02-29T00:00:00Z"'],
  ['a time of day', named('int64', 'io.debezium.time.MicroTime'), 1_000_000n, 'keyword', '"00:00:01"'],
  ['a decimal', decimal({ scale: '2', 'connect.decimal.precision': '10' }), Decimal.parse('1.50'), 'scaled_float', '1.50'],
  ['a long decimal', decimal({ scale: '2', 'connect.decimal.precision': '40' }), Decimal.parse('12345678901234567890.12'), 'double', '12345678901234567890.12'],
  ['a UUID', named('string', 'io.debezium.data.Uuid'), 'a-b', 'keyword', '"a-b"'],
  ['an object of JSON', named('string', 'io.debezium.data.Json'), ' {"a":\n1}', 'flattened', '{"a": 1}'],
  ['a list of JSON', named('string', 'io.debezium.data.Json'), '[1]', 'flattened', '{"value":[1]}'],
  ['an address', primitiveSchema('string', { parameters: { '__debezium.source.column.type': 'INET' } }), '10.0.0.1', 'ip', '"10.0.0.1"'],
  ['a text', primitiveSchema('string'), 'x', 'text', '"x"'],
  ['a vector', vector, [1, 2.5, 3], 'dense_vector', '[1.0,2.5,3.0]'],
  ['a point', pointSchema, new ValueStruct(pointSchema, [1.5, 2.5]), 'geo_point', '{"lat":2.5,"lon":1.5}'],
] // prettier-ignore

for (const [what, schema, value, type, json] of columns) {
  test(`${what} has the type and the form of its column`, () => {
    const { c } = typedProperties(structSchema([{ name: 'c', schema }]), 'elasticsearch') as { readonly c: { readonly type?: string } } // prettier-ignore
    assert.equal(c.type, type)
    const rules = { isSchemaIgnored: false, isMapCompact: true, typedFor: 'elasticsearch' } as const
    assert.equal(documentJson(schema, value, rules), json)
  })
}

test('OpenSearch has other types for some', () => {
  const row = structSchema([
    { name: 'j', schema: named('string', 'io.debezium.data.Json') },
    { name: 'v', schema: vector },
  ])
  assert.deepEqual(typedProperties(row, 'opensearch'), { j: { type: 'flat_object' }, v: { type: 'float' } })
})

test('a mapping has at most so many fields', () => {
  const texts = Array.from({ length: 10 }, (_, i) => ({ name: `c${i}`, schema: primitiveSchema('string') }))
  const properties = typedProperties(structSchema(texts), 'elasticsearch')
  assert.equal(countFields(properties), 20)
  assert.equal(limitedMapping(properties, 20).properties, properties)
  const plain = limitedMapping(properties, 19)
  assert.deepEqual([countFields(plain.properties), plain.dynamic], [10, undefined])
  const cut = limitedMapping(properties, 4)
  assert.deepEqual([Object.keys(cut.properties), cut.dynamic], [['c0', 'c1', 'c2', 'c3'], false])
})
