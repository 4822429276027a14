import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePostgresOptions } from './postgres-options.ts'
import { refusedOptions, unsupportedOptions } from './unsupported-options.ts'

const REQUIRED = {
  'database.hostname': 'db',
  'database.user': 'u',
  'database.dbname': 'd',
  'topic.prefix': 'p',
}

test('the defaults are those of the reference', () => {
  const options = parsePostgresOptions(REQUIRED)
  const { port, slotName, publicationName, publicationAutocreateMode, snapshotPolicy, ssl } = options
  assert.deepEqual(
    { port, slotName, publicationName, publicationAutocreateMode, snapshotPolicy, sslMode: ssl.mode },
    {
      port: 5432,
      slotName: 'debezium',
      publicationName: 'dbz_publication',
      publicationAutocreateMode: 'all_tables',
      snapshotPolicy: { data: 'once', onLostPosition: false, thenStream: true },
      sslMode: 'prefer',
    },
  )
  assert.deepEqual([...options.skippedOperations], ['t'])
  assert.equal(options.unavailableValuePlaceholder.toString(), '__debezium_unavailable_value')
})

test('words are taken in any case, null is the same as not set', () => {
  const options = parsePostgresOptions({
    ...REQUIRED,
    'decimal.handling.mode': 'STRING',
    'database.port': null,
    'skipped.operations': 'none',
  })
  assert.deepEqual(
    [options.decimalHandlingMode, options.port, options.skippedOperations.size],
    ['string', 5432, 0],
  )
})

test('tables are chosen by whole names, in any case, by include lists or exclude lists', () => {
  const cases = [
    [{}, 'public.a', true],
    [{}, 'pg_catalog.pg_class', false],
    [{}, 'information_schema.tables', false],
    [{}, 'pg_temp_3.a', false],
    [{}, 'public.spatial_ref_sys', false],
    [{ 'table.ignore.builtin': 'false' }, 'public.spatial_ref_sys', true],
    [{ 'table.include.list': 'public.orders' }, 'public.orders', true],
    [{ 'table.include.list': 'public.orders' }, 'public.ORDERS', true],
    [{ 'table.include.list': 'public.orders' }, 'public.orders_old', false],
    [{ 'table.include.list': 'public.orders' }, 'my.public.orders', false],
    [{ 'table.include.list': 'orders' }, 'public.orders', false],
    [{ 'table.include.list': ' public.a , public.b.* ' }, 'public.b9', true],
    [{ 'table.include.list': 'public.a{1\\,2}' }, 'public.aa', true],
    [{ 'table.include.list': '' }, 'public.a', true],
    [{ 'table.exclude.list': 'public.a|public.b' }, 'public.b', false],
    [{ 'table.exclude.list': 'public.a' }, 'public.c', true],
    [{ 'schema.include.list': 'sales' }, 'public.a', false],
    [{ 'schema.include.list': 'sales', 'table.include.list': 'public.a' }, 'public.a', false],
    [{ 'schema.exclude.list': 'sales' }, 'sales.a', false],
  ] as const
  for (const [config, name, expected] of cases) {
    const dot = name.lastIndexOf('.')
    const options = parsePostgresOptions({ ...REQUIRED, ...config })
    assert.equal(
      options.isTableIncluded(name.slice(0, dot), name.slice(dot + 1)),
      expected,
      `${JSON.stringify(config)} ${name}`,
    )
  }
})

test('what Java writes otherwise than JavaScript is understood', () => {
  const cases = [
    [String.raw`public\.\Qa.b\E.*`, 'public.a.bc', true],
    [String.raw`public\.\Qa.b\E.*`, 'public.axbc', false],
    ['(?i)public.A', 'public.a', true],
    [String.raw`\Apublic\.[a-z]++\z`, 'public.abc', true],
    [String.raw`public\.\p{L}+`, 'public.größe', true],
    [String.raw`public\\.a`, 'public.a', false],
  ] as const
  for (const [pattern, name, expected] of cases) {
    const options = parsePostgresOptions({ ...REQUIRED, 'table.include.list': pattern })
    assert.equal(
      options.isTableIncluded('public', name.slice('public.'.length)),
      expected,
      `${pattern} ${name}`,
    )
  }
})

test('columns and the tables of the snapshot are chosen by names', () => {
  const options = parsePostgresOptions({
    ...REQUIRED,
    'column.exclude.list': 'public.t.secret.*',
    'snapshot.include.collection.list': 'public.t',
  })
  assert.equal(options.isColumnIncluded('public', 't', 'secret_key'), false)
  assert.equal(options.isColumnIncluded('public', 't', 'name'), true)
  assert.equal(options.isTableInSnapshot('public', 't'), true)
  assert.equal(options.isTableInSnapshot('public', 'u'), false)
})

test('statements, stream parameters and the placeholder are taken apart', () => {
  const options = parsePostgresOptions({
    ...REQUIRED,
    'database.initial.statements': "SET a = 1; SET b = ';;' ; ",
    'slot.stream.params': 'origin=none; messages = true ;x',
    'unavailable.value.placeholder': 'hex:00ff',
  })
  assert.deepEqual(options.initialStatements, ['SET a = 1', "SET b = ';'"])
  assert.deepEqual(options.slotStreamParams, [
    ['origin', 'none'],
    ['messages', 'true'],
    ['x', ''],
  ])
  assert.deepEqual([...options.unavailableValuePlaceholder], [0, 255])
})

test('options without effect are named, unless they say what happens anyway', () => {
  const config = {
    ...REQUIRED,
    'signal.data.collection': 'public.signals',
    'signal.kafka.topic': 'x',
    'notification.http.url': 'http://x',
    'heartbeat.interval.ms': '0',
    'poll.interval.ms': '100',
    'max.queue.size': ' 8192 ',
    'database.server.name': 'legacy',
    'read.only': 'treu',
  }
  assert.deepEqual(unsupportedOptions(config), ['notification.http.url', 'poll.interval.ms', 'read.only'])
  assert.deepEqual(unsupportedOptions({ ...config, 'read.only': 'TRUE' }).length, 2)
})

test('options whose absence would give wrong records are refused', () => {
  const config = {
    converters: 'isbn',
    'topic.naming.strategy': 'io.debezium.schema.SchemaTopicNamingStrategy',
  }
  assert.deepEqual(
    refusedOptions(config).map(({ option }) => option),
    Object.keys(config).slice(0, -1),
  )
})

test('times beyond what timers take are cut to it, where they would fire at once', () => {
  const options = parsePostgresOptions({
    ...REQUIRED,
    'connection.validation.timeout.ms': '99999999999',
    'snapshot.delay.ms': '99999999999',
  })
  assert.deepEqual([options.validationTimeoutMs, options.snapshotDelayMs], [2 ** 31 - 1, 2 ** 31 - 1])
})
