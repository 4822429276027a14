import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { kafkaDescription } from './kafka-properties.ts'

test('without brokers the log is not on Kafka', () => {
  assert.equal(kafkaDescription({ 'offset.storage.topic': 'offsets' }), null)
})

test("brokers and the worker's topics are what the properties say, with Kafka Connect's defaults", () => {
  const description = kafkaDescription({
    'bootstrap.servers': 'a:9092, b:9093',
    'offset.storage.topic': 'my-offsets',
    'producer.compression.type': 'lz4',
  })
  assert.deepEqual(description, {
    bootstrapServers: ['a:9092', 'b:9093'],
    clientId: 'tailrace',
    taskClients: {
      producer: { 'bootstrap.servers': 'a:9092, b:9093', 'compression.type': 'lz4' },
      consumer: { 'bootstrap.servers': 'a:9092, b:9093' },
      admin: { 'bootstrap.servers': 'a:9092, b:9093' },
    },
    internalTopics: {
      offsets: {
        name: 'my-offsets',
        partitions: 25,
        replicationFactor: 3,
        config: {},
        property: 'offset.storage',
      },
    },
  })
  assert.deepEqual(structuredClone(description), description)
})

test('a login is read as Kafka writes it', () => {
  const security = (properties: Record<string, string>) =>
    kafkaDescription({ 'bootstrap.servers': 'a:1', ...properties })?.security
  const login =
    'org.apache.kafka.common.security.scram.ScramLoginModule required username="me" password="a\\"b;=";'
  assert.deepEqual(
    security({
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': login,
    }),
    { sasl: { mechanism: 'SCRAM-SHA-512', username: 'me', password: 'a"b;=' } },
  )
  assert.deepEqual(security({ 'security.protocol': 'SSL' }), {
    tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', verifiesHost: true },
  })
  assert.equal(security({ 'sasl.jaas.config': login }), undefined)
})

test('what cannot work is refused before any broker is asked, and no password is in the message', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tailrace-kafka-properties-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const keystore = join(directory, 'truststore.jks')
  writeFileSync(keystore, 'binary')
  const cases: [Record<string, string>, RegExp][] = [
    [{ 'security.protocol': 'TLS' }, /security\.protocol/],
    [
      { 'security.protocol': 'SASL_SSL', 'sasl.jaas.config': 'password=secret' },
      /sasl\.jaas\.config: it must say/,
    ],
    [{ 'security.protocol': 'SSL', 'ssl.truststore.location': keystore }, /truststore\.jks is neither a PEM/],
    [{ 'security.protocol': 'SSL', 'ssl.truststore.location': join(directory, 'none') }, /cannot be read/],
    [{ 'producer.compression.type': 'brotli' }, /compression\.type: .*producer\.\*/],
    [{ 'offset.storage.partitions': '0' }, /offset\.storage\.partitions/],
  ]
  for (const [properties, message] of cases) {
    assert.throws(
      () => kafkaDescription({ 'bootstrap.servers': 'a:1', ...properties }),
      (error: Error) => {
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /secret/)
        return true
      },
    )
  }
})
