import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { workerProperties } from './run-worker.ts'

const none = { fromFile: {}, fromEnvironment: {}, port: undefined, dataDir: undefined }

describe('worker properties', () => {
  test('have a data directory without being told', () => {
    assert.equal(workerProperties(none)['data.dir'], '.tailrace/worker')
  })

  test('come from flags before the environment before the file', () => {
    const fromFile = { 'data.dir': 'file', 'group.id': 'file', 'offset.flush.interval.ms': '1' }
    const fromEnvironment = { 'data.dir': 'environment', 'group.id': 'environment' }
    assert.deepEqual(workerProperties({ ...none, fromFile, fromEnvironment, dataDir: 'flag' }), {
      listeners: 'http://127.0.0.1:8083',
      'data.dir': 'flag',
      'group.id': 'environment',
      'offset.flush.interval.ms': '1',
    })
  })

  const listeners: readonly (readonly [Record<string, string>, number | undefined, string])[] = [
    [{ 'rest.port': '8088' }, undefined, 'http://:8088'],
    [{ 'rest.port': '8088', 'rest.host.name': 'localhost' }, undefined, 'http://localhost:8088'],
    [{ 'rest.port': '8088', listeners: 'http://:8090' }, undefined, 'http://:8090'],
    [{ 'rest.advertised.host.name': 'connect' }, undefined, 'http://:8083'],
    [{}, undefined, 'http://127.0.0.1:8083'],
    [{}, 9000, 'http://127.0.0.1:9000'],
    [{ listeners: 'http://:8083' }, 9000, 'http://:9000'],
    [{ listeners: 'http://127.0.0.1:8083' }, 9000, 'http://127.0.0.1:9000'],
    [{ listeners: 'http://[::1]:8083/, http://:1' }, 9000, 'http://[::1]:9000'],
    [{ 'rest.port': '8088' }, 9000, 'http://:9000'],
  ]
  for (const [fromFile, port, expected] of listeners) {
    test(`listen at ${expected}, given ${JSON.stringify(fromFile)} and --port ${port}`, () => {
      assert.equal(workerProperties({ ...none, fromFile, port })['listeners'], expected)
    })
  }
})
