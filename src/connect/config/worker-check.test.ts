import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../api/errors.ts'
import type { PluginCatalogueEntry } from '../plugin-catalogue.ts'
import { ignoredProperties, requireConverters } from './worker-check.ts'
import { parseWorkerConfig } from './worker-config.ts'

const never = () => Promise.reject(new Error('not loaded'))
const entries: readonly PluginCatalogueEntry[] = [
  { className: 'org.apache.kafka.connect.json.JsonConverter', type: 'converter', version: '1', load: never },
  { className: 'a.B', type: 'converter', version: '1', load: never },
  {
    className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    type: 'header_converter',
    version: '1',
    load: never,
  },
]

describe('a worker', () => {
  test('starts with converters that are there, without loading them', () => {
    requireConverters(parseWorkerConfig({}), entries)
    requireConverters(parseWorkerConfig({ 'key.converter': 'a.B' }), entries)
  })

  test('is refused with converters that are not there; all are named', () => {
    const worker = parseWorkerConfig({ 'key.converter': 'no.Such', 'header.converter': 'a.B' })
    assert.throws(
      () => requireConverters(worker, entries),
      (error) =>
        error instanceof ConfigError &&
        /no\.Such for configuration key\.converter: .*There are .*JsonConverter, a\.B\n/.test(
          error.message,
        ) &&
        error.message.includes('a.B for configuration header.converter'),
    )
  })

  test('names the properties that have no effect, and only those', () => {
    const worker = parseWorkerConfig({
      'bootstrap.servrs': 'kafka:9092',
      'offset.flush.intervl.ms': '1',
      'offset.flush.interval.ms': '1',
      'rest.port': '8083',
      'key.converter.schemas.enable': 'true',
    })
    assert.deepEqual(ignoredProperties(worker), ['bootstrap.servrs', 'offset.flush.intervl.ms'])
  })
})
