import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectorReport, type ConnectorView, type Numbers } from './connector-report.ts'
import { bytesText, durationText, rateText } from './numbers.ts'
import { statusLine, statusLines, type Appearance } from './status-text.ts'
import { printable, widthOf, wrapped } from './terminal-text.ts'

const PLAIN: Appearance = { paint: (_, text) => text, width: 60, mostLines: 2 }
const VIEW: ConnectorView = {
  name: 'orders',
  type: 'source',
  state: 'RUNNING',
  worker_id: 'w:1',
  trace: null,
  tasks: [{ id: 0, state: 'RUNNING', worker_id: 'w:1' }],
  problems: [],
}
const report = (more: Partial<ConnectorView>, numbers: Numbers = {}) =>
  connectorReport({ ...VIEW, ...more }, numbers, null)

test('columns stand below each other, whatever the width of names; what is not known is a dash', () => {
  const wide = report({ name: '주문' }, { lag_bytes: 2048, retained_wal_bytes: 17_000_000 })
  assert.deepEqual(statusLines([wide, report({})], PLAIN), [
    'CONNECTOR  TYPE    STATE    TASKS  RECORDS/S     LAG  BEHIND  WAL KEPT  FAILURES',
    '주문       source  RUNNING  1/1            -  2.0 kB       -   16.2 MB         -',
    'orders     source  RUNNING  1/1            -       -       -         -         -',
  ])
})

test('rates are of the time between; counters that begin anew are no negative rate', () => {
  const rate = (now: number, then: number) =>
    connectorReport(VIEW, { written: now }, { numbers: { written: then }, seconds: 0.5 }).records_per_second
  assert.deepEqual([rate(30, 10), rate(5, 10)], [40, 0])
})

test('an error is told below its connector, as text, in as many lines as there may be', () => {
  const trace = `x.Exception: a\n  at b\nCaused by: y.DataError: bad \u001B[2J\u009B1m\u202E ${'word '.repeat(40)}`
  const failed = report({ tasks: [{ id: 3, state: 'FAILED', worker_id: 'w:1', trace }] })
  const [, row, first, second, ...more] = statusLines([failed], PLAIN)
  assert.match(row!, /^orders {5}source {2}FAILED {2}0\/1/)
  assert.match(first!, /^ {4}task 3 failed: bad \uFFFD\[2J\uFFFD1m\uFFFD word/)
  assert.match(second!, /^ {4}word.* …$/)
  assert.deepEqual(more, [])
  assert.match(statusLine(failed), /^orders\tsource\tRUNNING\ttasks: FAILED\ttask 3 failed: bad \uFFFD/)
})

test('what a task waits for and what the worker complains of is told once; a snapshot says how far it is', () => {
  const waiting = { id: 0, state: 'RUNNING', worker_id: 'w', waits_for: 'No answer from Elasticsearch' }
  const lines = statusLines([report({ tasks: [waiting], problems: ['it does not move'] })], PLAIN)
  assert.deepEqual(lines.slice(2), ['    task 0 waits: No answer from Elasticsearch'])
  assert.equal(statusLines([report({ problems: ['it does not move'] })], PLAIN)[2], '    it does not move')
  const numbers = { snapshot_running: 1, snapshot_rows: 1200, snapshot_expected_rows: 5000 }
  assert.equal(statusLines([report({}, numbers)], PLAIN)[2], '    snapshot: 1,200 of about 5,000 rows')
})

test('text is broken at spaces, or where it has none, and cut where there is too much', () => {
  assert.deepEqual(wrapped('one two three', 8, 9), ['one two', 'three'])
  assert.deepEqual(wrapped('aaaaabbbbbcc 가나다', 5, 9), ['aaaaa', 'bbbbb', 'cc', '가나', '다'])
  assert.deepEqual(wrapped('one two three', 5, 2), ['one', 'two …'])
  assert.equal(printable(' a\r\n  b\tc\u0000'), 'a b\uFFFDc\uFFFD')
  assert.equal(widthOf('e\u0301가'), 3)
})

test('numbers are as people read them', () => {
  assert.deepEqual([0, 0.26, 12.6, 12_345].map(rateText), ['0', '0.3', '13', '12,345'])
  assert.deepEqual([0, 1023, 1536, 2 ** 40 * 3000].map(bytesText), ['0 B', '1023 B', '1.5 kB', '3000 TB'])
  assert.deepEqual([4, 1500, 61_000, 7_260_000].map(durationText), [
    '4 ms',
    '1.5 s',
    '1 min 1 s',
    '2 h 1 min',
  ])
})
