import assert from 'node:assert/strict'
import { it } from 'node:test'
import { converterSettings } from './nested-config.ts'
import { parseWorkerConfig } from './worker-config.ts'

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

it('writes plain JSON where no converter is configured', () => {
  const worker = parseWorkerConfig({})
  assert.deepEqual(converterSettings('value', {}, worker), {
    className: JSON_CONVERTER,
    config: { 'schemas.enable': 'false' },
  })
})

it("leaves a configured converter its reference's defaults", () => {
  const worker = parseWorkerConfig({ 'value.converter': JSON_CONVERTER })
  assert.deepEqual(converterSettings('value', {}, worker), { className: JSON_CONVERTER, config: {} })
})

it("takes a connector's converter with the connector's options only", () => {
  const worker = parseWorkerConfig({ 'key.converter': 'A', 'key.converter.x': '1' })
  assert.deepEqual(converterSettings('key', { 'key.converter': 'B', 'key.converter.y': '2' }, worker), {
    className: 'B',
    config: { y: '2' },
  })
  assert.deepEqual(converterSettings('key', { 'key.converter.y': '2' }, worker), {
    className: 'A',
    config: { x: '1' },
  })
})

it('leaves properties of Kafka alone and refuses bad values of its own', () => {
  assert.equal(
    parseWorkerConfig({ 'bootstrap.servers': 'kafka:9092' }).options['offset.flush.interval.ms'],
    60_000n,
  )
  assert.throws(() => parseWorkerConfig({ 'task.threads': 'many' }), {
    name: 'ConfigError',
    message: 'Invalid value many for configuration task.threads: Not a number of type INT',
  })
})
