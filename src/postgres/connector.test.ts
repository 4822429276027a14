import assert from 'node:assert/strict'
import { test } from 'node:test'
import { postgresConnector } from './connector.ts'
import { openPropertyIssues } from './options/open-properties.ts'

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

const PAIRS = 'A equivalent-separated map of valid key/value pairs is expected, for example: k1=v1,k2=v2'

test('wrong values are described in the words of Debezium', () => {
  const cases: readonly (readonly [option: string, value: string, ...errors: string[]])[] = [
    ['database.port', 'abc', 'An integer is expected', 'An integer is expected'],
    // Debezium does not trim what it reads a number or a name from.
    ['database.port', ' 5432 ', 'An integer is expected', 'An integer is expected'],
    ['max.batch.size', '1.5', 'An integer is expected', 'A positive, non-zero integer value is expected'],
    [
      'max.batch.size',
      '99999999999',
      'An integer is expected',
      'A positive, non-zero integer value is expected',
    ],
    ['max.batch.size', '8192'],
    [
      'slot.name',
      'a ',
      'Valid replication slot name must contain only digits, lowercase characters and underscores with length <= 63',
    ],
    ['custom.metric.tags', 'a=b,'],
    ['custom.metric.tags', 'a:b', PAIRS],
    ['custom.metric.tags', 'a=b,,c=d', PAIRS],
    ['memory.management.tables.class', 'a.true', 'A Java class name is expected'],
    ['memory.management.tables.class', 'é.$x1'],
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
      'A comma-separated list of valid regular expressions is expected, but a group is not closed: ) is missing: (x',
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

test('errors.max.retries and retriable.restart.connector.wait.ms are how the worker starts the task again', () => {
  const restarts = (config: Record<string, string>) => {
    const [task] = postgresConnector.taskConfigs({ ...GOOD, ...config }, 1)
    return Object.fromEntries(Object.entries(task!).filter(([name]) => name.startsWith('tasks.auto.')))
  }
  assert.deepEqual(restarts({}), {})
  assert.deepEqual(restarts({ 'errors.max.retries': '-1' }), { 'tasks.auto.restart.max': '-1' })
  assert.deepEqual(restarts({ 'errors.max.retries': ' 3 ' }), { 'tasks.auto.restart.max': '3' })
  assert.deepEqual(restarts({ 'errors.max.retries': '-7' }), { 'tasks.auto.restart.max': '0' })
  assert.deepEqual(restarts({ 'retriable.restart.connector.wait.ms': '2000' }), {
    'tasks.auto.restart.delay.ms': '2000',
    'tasks.auto.restart.delay.max.ms': '2000',
  })
  assert.deepEqual(restarts({ 'errors.max.retries': '3', 'tasks.auto.restart.max': '5' }), {
    'tasks.auto.restart.max': '5',
  })
})

test('properties are known whose names are not among the options', () => {
  const config = {
    'topic.naming.strategy': 'io.debezium.schema.SchemaRegexTopicNamingStrategy',
    'post.processors': 'again',
  }
  const known = [
    'read.only',
    'signal.file',
    'signal.kafka.groupId',
    'signal.consumer.security.protocol',
    'topic.transaction',
    'topic.heartbeat.prefix',
    'topic.key.field.name',
    'column.truncate.to.20.chars',
    'column.mask.with.3.chars',
    'column.mask.hash.v2.SHA-256.with.salt.abc',
    'snapshot.select.statement.overrides.public.t',
    'snapshot.max.threads.multiplier.public.t',
    'again.type',
    'again.reselect.null.values',
  ]
  const unknown = [
    'read.onyl',
    'signal.kafka.group.id',
    'topic.cache.size',
    'column.mask.with.three.chars',
    'snapshot.select.statement.overrides.',
    'again.reselect.columns',
    'other.type',
    'database.server.name',
  ]
  const reads = (name: string, given: Record<string, string>) => postgresConnector.readsProperty!(name, given)
  assert.deepEqual(
    known.filter((name) => !reads(name, config)),
    [],
  )
  assert.deepEqual(
    unknown.filter((name) => reads(name, config)),
    [],
  )
  assert.ok(
    !reads('topic.key.field.name', {}),
    'the strategies that are not by expressions have no use for it',
  )
})

test('their values are looked at like those of options', () => {
  assert.deepEqual(
    openPropertyIssues({
      'read.only': 'treu',
      'snapshot.max.threads.multiplier.public.t': '0',
      'snapshot.max.threads.multiplier.public.u': '2',
    }),
    [
      {
        option: 'snapshot.max.threads.multiplier.public.t',
        message:
          "The 'snapshot.max.threads.multiplier.public.t' value is invalid: A positive, non-zero integer value is expected",
      },
    ],
  )
})

test('tags of metrics are pairs whose keys Debezium takes', () => {
  assert.deepEqual(errorsOf({ ...GOOD, 'custom.metric.tags': 'team=a, stage = b-1' }), {})
  assert.deepEqual(errorsOf({ ...GOOD, 'custom.metric.tags': 'te:am=a' }), {
    'custom.metric.tags': ["The custom metric tag key 'te:am' is not a valid JMX ObjectName property key"],
  })
})
