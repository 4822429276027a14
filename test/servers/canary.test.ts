import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertNoCanary, canaryPassword, CanaryWatch } from './canary.ts'
import { assertNoCanaryInAnswer, assertNoCanaryInTopics } from './worker-leaks.ts'

const PASSWORD = canaryPassword('somebody')

test('a password that got out is told, with where it is', () => {
  assertNoCanary('the password of somebody', 'a line')
  assert.throws(() => assertNoCanary(`logged in with ${PASSWORD}.`, 'a line'), {
    message: `A password is in a line: logged in with ${PASSWORD}.`,
  })
})

test('one is found wherever its text is cut into pieces', () => {
  const text = `logged in with ${PASSWORD}`
  for (let cut = 0; cut <= text.length; cut++) {
    const watch = new CanaryWatch()
    watch.see('x'.repeat(1000))
    watch.assertNone('the log')
    watch.see(text.slice(0, cut))
    watch.see(text.slice(cut))
    watch.see('x'.repeat(1000))
    assert.throws(() => watch.assertNone('the log'), /A password is in the log: .*logged in with /)
  }
})

const config = { 'database.password': PASSWORD }

for (const [what, method, path, body] of [
  ['a connector', 'GET', '/connectors/c', { name: 'c', config }],
  ['connectors', 'GET', '/connectors?expand=info', { c: { info: { config } } }],
  ['what is created', 'POST', '/connectors', { name: 'c', config }],
  ['a configuration', 'GET', '/connectors/c/config', config],
  ['tasks', 'GET', '/connectors/c/tasks', [{ id: { connector: 'c', task: 0 }, config }]],
  ['configurations of tasks', 'GET', '/connectors/c/tasks-config', { 'c-0': config }],
] as const) {
  test(`what was posted may come back, as Kafka Connect has it, in an answer with ${what}`, () => {
    const text = JSON.stringify(body)
    assertNoCanaryInAnswer({ method, path, status: 200, text })
    assert.throws(() => assertNoCanaryInAnswer({ method, path, status: 400, text }), /A password is in/)
  })
}

for (const [what, method, path, body] of [
  ['beside a configuration', 'GET', '/connectors?expand=status', { c: { config, trace: PASSWORD } }],
  ['a validation', 'PUT', '/connector-plugins/P/config/validate', { configs: [{ value: PASSWORD }] }],
  ['a configuration of elsewhere', 'GET', '/health', { config }],
] as const) {
  test(`but in no other: ${what}`, () => {
    const text = JSON.stringify(body)
    assert.throws(() => assertNoCanaryInAnswer({ method, path, status: 200, text }), /A password is in/)
  })
}

test('metrics, which are no JSON, hold none either', () => {
  const answer = { method: 'GET', path: '/metrics', status: 200 }
  assertNoCanaryInAnswer({ ...answer, text: 'up{worker="a"} 1\n' })
  assert.throws(() => assertNoCanaryInAnswer({ ...answer, text: `up{worker="${PASSWORD}"} 1\n` }))
})

test('one in a segment is found, wherever it lies; one in the store of configurations is where it belongs', (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tailrace-leaks-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  assertNoCanaryInTopics(join(dataDir, 'none'))
  writeFileSync(join(dataDir, 'tailrace.db'), PASSWORD)
  const partition = join(dataDir, 'topics', 'orders.1', '0')
  mkdirSync(partition, { recursive: true })
  const segment = join(partition, '00000000000000000000.log')
  for (const before of [0, 1 << 20, (1 << 20) - 5]) {
    writeFileSync(segment, 'x'.repeat(before))
    assertNoCanaryInTopics(dataDir)
    writeFileSync(segment, 'x'.repeat(before) + PASSWORD)
    assert.throws(() => assertNoCanaryInTopics(dataDir), /A password is in .*orders\.1/)
  }
})
