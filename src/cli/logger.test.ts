import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLogger } from './logger.ts'

test('whatever a name or an error holds, each entry of the log is one line of JSON', (t) => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-logger-'))
  t.after(() => rmSync(place, { recursive: true }))
  const file = join(place, 'worker.log')
  const logger = createLogger(file)
  const forged = 'orders\n{"level":60,"msg":"The disk is full"}\r\n\u2028\u001b[2J'
  logger.warn({ topic: forged, err: new Error(forged) }, forged)
  logger.info('the next')
  const lines = readFileSync(file, 'utf8').split('\n')
  assert.equal(lines.length, 3)
  const [first, second] = lines.slice(0, 2).map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual([first!['level'], first!['topic'], second!['msg']], [40, forged, 'the next'])
  assert.ok(Buffer.from(lines[0]!).every((byte) => byte >= 0x20))
  assert.equal(statSync(file).mode & 0o777, 0o600)
})
