import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sinkOptions } from './sink-options.ts'

test('a late server has half a minute before it is asked for the same again, unless somebody chose otherwise', () => {
  const readTimeoutMs = (config: Record<string, string>) =>
    sinkOptions({ 'connection.url': 'http://x', ...config }).writer.readTimeoutMs
  assert.equal(readTimeoutMs({}), 30_000)
  assert.equal(readTimeoutMs({ 'read.timeout.ms': '3000' }), 3_000)
})
