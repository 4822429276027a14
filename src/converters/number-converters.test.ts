import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConverterPlugin } from '../api/plugin.ts'
import { optional, primitiveSchema, type Schema } from '../api/schema.ts'
import type { ConnectValue } from '../api/value.ts'
import { booleanConverter } from './boolean-converter.ts'
import { headerForm } from './header-form.ts'
import { jsonConverter } from './json-converter.ts'
import {
  doubleConverter,
  floatConverter,
  integerConverter,
  longConverter,
  shortConverter,
} from './number-converters.ts'

const INT32 = primitiveSchema('int32')

/** The bytes are those that Kafka's serializers write. */
const CASES: readonly [plugin: ConverterPlugin, schema: Schema, value: ConnectValue, hex: string][] = [
  [booleanConverter, primitiveSchema('boolean'), true, '01'],
  [booleanConverter, primitiveSchema('boolean'), false, '00'],
  [shortConverter, primitiveSchema('int16'), -2, 'fffe'],
  [integerConverter, INT32, 2147483647, '7fffffff'],
  [integerConverter, INT32, -2147483648, '80000000'],
  [longConverter, primitiveSchema('int64'), 9_007_199_254_740_993n, '0020000000000001'],
  [longConverter, primitiveSchema('int64'), -1n, 'ffffffffffffffff'],
  [floatConverter, primitiveSchema('float'), 1.5, '3fc00000'],
  [floatConverter, primitiveSchema('float'), Number.NaN, '7fc00000'],
  [doubleConverter, primitiveSchema('double'), -0.1, 'bfb999999999999a'],
]

test('numbers and booleans are written as Kafka writes them, and read back', () => {
  for (const [plugin, schema, value, hex] of CASES) {
    const converter = plugin.create({}, 'value')
    const bytes = converter.fromConnectData('t', schema, value)
    assert.equal(Buffer.from(bytes!).toString('hex'), hex, plugin.className)
    assert.deepEqual(converter.toConnectData('t', bytes), { schema: optional(schema), value })
    assert.equal(converter.fromConnectData('t', schema, null), null)
    assert.deepEqual(converter.toConnectData('t', null), { schema: optional(schema), value: null })
  }
})

test('without a schema whole numbers are longs and others doubles', () => {
  assert.equal(longConverter.create({}, 'key').fromConnectData('t', null, 5n)?.length, 8)
  assert.equal(doubleConverter.create({}, 'key').fromConnectData('t', null, 5)?.length, 8)
  assert.throws(() => integerConverter.create({}, 'key').fromConnectData('t', null, 5n), {
    message: 'Failed to serialize to integer (was class java.lang.Long): ',
  })
})

test('values of another type are refused', () => {
  const wrong: readonly [
    plugin: ConverterPlugin,
    schema: Schema | null,
    value: ConnectValue,
    message: string,
  ][] = [
    [booleanConverter, INT32, 1, 'Invalid schema type for BooleanConverter: INT32'],
    [
      booleanConverter,
      null,
      'true',
      'BooleanConverter is not compatible with objects of type class java.lang.String',
    ],
    [shortConverter, INT32, 1, 'Failed to serialize to short (was class java.lang.Integer): '],
    [integerConverter, INT32, new Date(0), 'Failed to serialize to integer (was class java.util.Date): '],
    [floatConverter, null, 1.5, 'Failed to serialize to float (was class java.lang.Double): '],
  ]
  for (const [plugin, schema, value, message] of wrong) {
    const converter = plugin.create({}, 'value')
    assert.throws(() => converter.fromConnectData('t', schema, value), { name: 'DataError', message })
  }
})

test('bytes of another size or meaning are refused, with the reason as the cause', () => {
  const wrong: readonly [plugin: ConverterPlugin, hex: string, message: string, reason: string][] = [
    [
      integerConverter,
      '0102',
      'Failed to deserialize integer: ',
      'Size of data received by IntegerDeserializer is not 4',
    ],
    [
      doubleConverter,
      '',
      'Failed to deserialize double: ',
      'Size of data received by DoubleDeserializer is not 8',
    ],
    [
      booleanConverter,
      '0101',
      'Failed to deserialize boolean: ',
      'Size of data received by BooleanDeserializer is not 1',
    ],
    [
      booleanConverter,
      'ff',
      'Failed to deserialize boolean: ',
      'Unexpected byte received by BooleanDeserializer: -1',
    ],
  ]
  for (const [plugin, hex, message, reason] of wrong) {
    const converter = plugin.create({}, 'value')
    assert.throws(
      () => converter.toConnectData('t', Buffer.from(hex, 'hex')),
      (error: Error) => error.message === message && (error.cause as Error).message === reason,
    )
  }
})

test('every converter serves headers too', () => {
  const longs = headerForm(longConverter).create({})
  const header = { name: 'h', schema: primitiveSchema('int64'), value: 3n }
  const bytes = longs.fromConnectHeader('t', header)
  assert.equal(Buffer.from(bytes!).toString('hex'), '0000000000000003')
  assert.equal(longs.toConnectHeader('t', 'h', bytes).value, 3n)
  const json = headerForm(jsonConverter).create({ 'schemas.enable': 'false' })
  assert.equal(Buffer.from(json.fromConnectHeader('t', header)!).toString(), '3')
})

test('the role of a converter is an option that must be one of three', () => {
  assert.throws(() => jsonConverter.create({ 'converter.type': 'other' }, 'value'), {
    message: /configuration converter\.type: String must be one of: key, value, header$/,
  })
})
