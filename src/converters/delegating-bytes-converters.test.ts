import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../api/errors.ts'
import { primitiveSchema } from '../api/schema.ts'
import { binaryDataConverter, debeziumByteArrayConverter } from './delegating-bytes-converters.ts'

const TYPE = 'delegate.converter.type'
const AVRO = 'io.confluent.connect.avro.AvroConverter'

test('a delegate that is not there is refused with the names of those that are', () => {
  for (const name of ['no.such.Converter', 'io.debezium.converters.ByteArrayConverter']) {
    assert.throws(
      () => binaryDataConverter.create({ [TYPE]: name }, 'value'),
      (error) =>
        error instanceof ConfigError && error.message.includes(`${name} `) && error.message.includes(AVRO),
    )
  }
})

test('a delegate has the options behind its name, and those alone', () => {
  assert.throws(
    () => debeziumByteArrayConverter.create({ [TYPE]: AVRO, 'schema.registry.url': 'http://r' }, 'value'),
    (error) => error instanceof ConfigError && error.message.includes('schema.registry.url'),
  )
  debeziumByteArrayConverter.create({ [TYPE]: AVRO, [`${TYPE}.schema.registry.url`]: 'http://r' }, 'value')
})

test('only what a delegate writes is prepared by it', async () => {
  const url = `${TYPE}.schema.registry.url`
  // Nothing listens at port 0: whoever asks for a schema's id there is refused.
  const options = { [TYPE]: AVRO, [url]: 'http://127.0.0.1:0', [`${TYPE}.max.retries`]: '0' }
  const converter = binaryDataConverter.create(options, 'value')
  const bytes = primitiveSchema('bytes')
  assert.equal(converter.prepareToWrite!('t', bytes, Buffer.of(1, 2)), null)
  assert.deepEqual(converter.fromConnectData('t', bytes, Buffer.of(1, 2)), Buffer.of(1, 2))
  assert.ok(
    (await converter.prepareToWrite!('t', primitiveSchema('string'), 'x')?.catch(() => 'asked')) === 'asked',
  )
})
