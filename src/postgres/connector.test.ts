import assert from 'node:assert/strict'
import { test } from 'node:test'
import { postgresConnector } from './connector.ts'

const GOOD = {
  'database.hostname': 'db',
  'database.port': '5432',
  'database.user': 'u',
  'database.password': 'secret',
  'database.dbname': 'd',
  'topic.prefix': 'A.b_c-9',
  'plugin.name': 'pgoutput',
}

function errorsOf(config: Record<string, string>): Record<string, readonly string[]> {
  return Object.fromEntries(
    postgresConnector.configDef
      .validate(config)
      .filter(({ errors }) => errors.length > 0)
      .map(({ name, errors }) => [
        name,
        errors.map((error) => error.replace(`The '${name}' value is invalid: `, '')),
      ]),
  )
}

test('a good configuration has no errors, and no value is shown', () => {
  assert.deepEqual(errorsOf(GOOD), {})
  assert.ok(postgresConnector.configDef.validate(GOOD).every(({ value }) => value === null))
})

test('required options that are missing or blank are named', () => {
  const missing = ['A value is required']
  assert.deepEqual(errorsOf({}), {
    'topic.prefix': missing,
    'database.hostname': missing,
    'database.user': missing,
    'database.dbname': missing,
  })
  assert.deepEqual(errorsOf({ ...GOOD, 'database.hostname': ' ' }), { 'database.hostname': missing })
})

test('wrong values are described in the words of Debezium', () => {
  const cases: readonly (readonly [option: string, value: string, ...errors: string[]])[] = [
    ['database.port', 'abc', 'An integer is expected', 'An integer is expected'],
    ['max.batch.size', '1.5', 'An integer is expected', 'A positive, non-zero integer value is expected'],
    [
      'max.batch.size',
      '99999999999',
      'An integer is expected',
      'A positive, non-zero integer value is expected',
    ],
    ['max.batch.size', '8192'],
    ['max.queue.size', '50', 'Must be larger than the maximum batch size'],
    [
      'max.queue.size',
      '-1',
      'A positive queue size is required',
      'Must be larger than the maximum batch size',
    ],
    ['poll.interval.ms', 'y', 'A long value is expected', 'A positive, non-zero integer value is expected'],
    ['xmin.fetch.interval.ms', '-1', 'A non-negative long value is expected'],
    ['heartbeat.interval.ms', '-1', 'An non-negative integer is expected'],
    ['slot.drop.on.stop', 'yes', "Either 'true' or 'false' is expected"],
    ['skipped.operations', 'c,x', 'Invalid operation'],
    ['skipped.operations', 'none'],
    ['hstore.handling.mode', 'xml', 'Value must be one of json, map'],
    ['hstore.handling.mode', 'MAP'],
    [
      'slot.name',
      'Bad',
      'Valid replication slot name must contain only digits, lowercase characters and underscores with length <= 63',
    ],
    ['slot.name', 's'.repeat(63)],
    [
      'topic.prefix',
      'a/b',
      'a/b has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)',
    ],
    ['snapshot.mode', 'CUSTOM', 'custom does not work in this version; set another mode'],
    ['publication.name', 'my pub'],
    ['table.exclude.list', 'public.b'],
    [
      'message.key.columns',
      'public.t:a;nonsense',
      String.raw`nonsense has an invalid format (expecting '^\s*([^:]+):([^:,]+(,[^:,]+)*)\s*$')`,
    ],
    ['message.key.columns', 'public.t:a,b'],
  ]
  for (const [option, value, ...errors] of cases) {
    const found = errorsOf({ ...GOOD, 'max.queue.size': '9000', [option]: value })
    assert.deepEqual(found, errors.length === 0 ? {} : { [option]: errors }, `${option}=${value}`)
  }
})

test('a list and its opposite exclude each other', () => {
  assert.deepEqual(errorsOf({ ...GOOD, 'schema.include.list': 'a', 'schema.exclude.list': 'b' }), {
    'schema.exclude.list': ['"schema.include.list" is already specified'],
  })
})

test('a regular expression that is wrong is refused with the reason', () => {
  const errors = errorsOf({ ...GOOD, 'schema.include.list': 'good,(x' })
  assert.deepEqual(errors, {
    'schema.include.list': [
      'A comma-separated list of valid regular expressions is expected, but Unterminated group: (x',
    ],
  })
})

test('decoderbufs is refused only when it is asked for', () => {
  const { 'plugin.name': _, ...without } = GOOD
  assert.deepEqual(errorsOf(without), {})
  assert.match(errorsOf({ ...GOOD, 'plugin.name': 'decoderbufs' })['plugin.name']![0]!, /set pgoutput/)
  assert.deepEqual(errorsOf({ ...GOOD, 'plugin.name': 'wal2json' }), {
    'plugin.name': ['Value must be one of decoderbufs, pgoutput'],
  })
})

test('there is always one task', () => {
  assert.equal(postgresConnector.taskConfigs(GOOD, 8).length, 1)
})
