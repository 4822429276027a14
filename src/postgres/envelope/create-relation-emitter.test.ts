import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeHeaders, RecordBatchReader } from '../../api/record-batch.ts'
import type { SourceTaskContext } from '../../api/source-task.ts'
import { isStruct } from '../../api/struct.ts'
import type { CompileResult, JsonRendering, RecordTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { envelopeOptions, relationOf, tupleOf, UNCHANGED } from '../testing/relations.ts'
import type { ChangePosition } from './change-position.ts'
import { createRelationEmitter } from './create-relation-emitter.ts'
import type { EnvelopeOptions } from './envelope-options.ts'
import { SourceBatchBuilder } from './source-batch-builder.ts'

const ITEMS = relationOf({
  columns: [
    { name: 'id', type: 'int4' },
    { name: 'name', type: 'text' },
    { name: 'qty', type: 'int4', notNull: true, default: '7' },
    { name: 'price', type: 'numeric', notNull: true },
  ],
  key: ['id'],
})

function rendering(template: Template): JsonRendering {
  const format = { decimalFormat: 'base64', replaceNullWithDefault: true } as const
  return { kind: 'json', prefix: '', template, suffix: '', ...format }
}

function compiled(template: RecordTemplate, partitions = 1): CompileResult {
  return {
    kind: 'compiled',
    topic: template.topic,
    partitions,
    key: template.key === null ? null : rendering(template.key),
    value: template.value === null ? null : rendering(template.value),
    headers: encodeHeaders(template.headers.map(({ name }) => ({ name, value: null }))),
  }
}

async function scene(
  compile: (template: RecordTemplate) => CompileResult,
  options: Partial<EnvelopeOptions> = {},
  relation = ITEMS,
) {
  const position: ChangePosition = {
    snapshot: 'false',
    lsn: 24_023_288n,
    lastCommitLsn: 24_023_128n,
    txId: 740,
    sourceTimeUs: 1_736_784_417_004_123n,
    processedTimeUs: 1_736_784_417_005_999n,
    xmin: null,
    totalOrder: 0,
    collectionOrder: 0,
  }
  const warnings: string[] = []
  const log = {
    debug: () => {},
    info: () => {},
    error: () => {},
    warn: (_: object, message: string) => void warnings.push(message),
  }
  const context: SourceTaskContext = {
    connectorName: 'c',
    taskId: 0,
    log,
    signal: new AbortController().signal,
    offset: () => Promise.resolve(null),
    compile: (template) => Promise.resolve(compile(template)),
    metrics: () => ({ set: () => {}, add: () => {}, observe: () => {} }),
  }
  const batch = new SourceBatchBuilder()
  const emitter = await createRelationEmitter(relation, {
    options: envelopeOptions(options),
    position,
    batch,
    context,
    order: null,
  })
  const seen = () =>
    batch.take({}, {}).parts.flatMap((part) => {
      if (part.kind === 'records') {
        return part.records.map(({ key, value, headers }) => ({
          partition: -1,
          key: JSON.stringify(plain(key)),
          value: value === null ? null : JSON.stringify(plain(value)),
          headers: headers.map((header) => header.name.replace('__debezium.', '')),
        }))
      }
      const records = []
      for (const reader = new RecordBatchReader(part.batch); reader.next();) {
        const headers = reader.headers.map((header) => header.name.replace('__debezium.', ''))
        records.push({
          partition: part.partition,
          key: String(reader.key),
          value: reader.value?.toString() ?? null,
          headers,
        })
      }
      return records
    })
  return { emitter, batch, position, seen, warnings }
}

function plain(value: ConnectValue): unknown {
  if (isStruct(value)) {
    return Object.fromEntries(value.schema.fields!.map(({ name }, i) => [name, plain(value.at(i))]))
  }
  return typeof value === 'bigint'
    ? Number(value)
    : value instanceof Uint8Array
      ? Buffer.from(value).toString('base64')
      : value
}

test('an insert is written with its envelope, byte for byte', async () => {
  const { emitter, seen } = await scene(compiled)
  emitter.insert(tupleOf(['1', 'on\te', '2', '1.50']))
  assert.deepEqual(seen(), [
    {
      partition: 0,
      key: '{"id":1}',
      value:
        '{"before":null,"after":{"id":1,"name":"on\\te","qty":2,"price":{"scale":1,"value":"Dw=="}},"source":{"version":"3.7.0.Final",' +
        '"connector":"postgresql","name":"p","ts_ms":1736784417004,"snapshot":"false","db":"d",' +
        '"sequence":"[\\"24023128\\",\\"24023288\\"]","ts_us":1736784417004123,"ts_ns":1736784417004123000,"schema":"public",' +
        '"table":"t","txId":740,"lsn":24023288,"xmin":null,"origin":null,"origin_lsn":null},"transaction":null,"op":"c",' +
        '"ts_ms":1736784417005,"ts_us":1736784417005999,"ts_ns":1736784417005999000}',
      headers: ['context.connectorLogicalName', 'context.taskId', 'context.connectorName', 'context.runId'],
    },
  ])
})

test('the place in the transaction is written anew where it happens to be the same in the next one', async () => {
  const { emitter, position, seen } = await scene(compiled, { provideTransactionMetadata: true })
  const emit = (txId: number, lsn: bigint, order: readonly [total: number, collection: number]) => {
    Object.assign(position, { txId, lsn, totalOrder: order[0], collectionOrder: order[1] })
    emitter.insert(tupleOf(['1', 'a', '2', '1']))
  }
  emit(7, 100n, [1, 1])
  emit(7, 100n, [3, 2])
  emit(8, 200n, [3, 3])
  emit(9, 300n, [3, 3])
  assert.deepEqual(
    seen().map(({ value }) => JSON.stringify((JSON.parse(value!) as Record<string, unknown>)['transaction'])),
    [
      '{"id":"7:100","total_order":1,"data_collection_order":1}',
      '{"id":"7:100","total_order":3,"data_collection_order":2}',
      '{"id":"8:200","total_order":3,"data_collection_order":3}',
      '{"id":"9:300","total_order":3,"data_collection_order":3}',
    ],
  )
})

test('a delete has the key, and defaults and zeros where the replica identity sent nothing', async () => {
  const { emitter, seen } = await scene(compiled)
  emitter.delete({ kind: 'key', tuple: tupleOf(['1', null, null, null]) })
  const [removal, tombstone] = seen()
  assert.match(
    removal!.value!,
    /^\{"before":\{"id":1,"name":null,"qty":7,"price":\{"scale":0,"value":"AA=="\}\},"after":null,.*"op":"d"/,
  )
  assert.deepEqual([tombstone!.key, tombstone!.value], ['{"id":1}', null])
})

test('an update of the key is a delete, a tombstone and a create, with headers that name the other key', async () => {
  const { emitter, seen } = await scene(compiled)
  emitter.insert(tupleOf(['5', 'before', '1', '0']))
  emitter.update({ kind: 'key', tuple: tupleOf(['1', null, null, null]) }, tupleOf(['10', 'x', '2', '0']))
  emitter.insert(tupleOf(['6', 'after', '1', '0']))
  const records = seen()
  assert.deepEqual(
    records.map(({ key, headers }) => [key, headers[0]]),
    [
      ['{"id":5}', 'context.connectorLogicalName'],
      ['{"id":1}', 'newkey'],
      ['{"id":1}', 'newkey'],
      ['{"id":10}', 'oldkey'],
      ['{"id":6}', 'context.connectorLogicalName'],
    ],
  )
  assert.equal(records[2]!.value, null)
})

test('an update that leaves the key alone is one record', async () => {
  const { emitter, seen } = await scene(compiled)
  emitter.update(null, tupleOf(['1', 'x', '2', '0']))
  emitter.update({ kind: 'full', tuple: tupleOf(['1', 'w', '2', '0']) }, tupleOf(['1', 'x', '2', '0']))
  const [without, withBefore] = seen()
  assert.match(without!.value!, /^\{"before":null,"after":\{"id":1,"name":"x"/)
  assert.match(withBefore!.value!, /^\{"before":\{"id":1,"name":"w".*"after":\{"id":1,"name":"x"/)
})

test('an unchanged TOASTed value is taken from the old row, or else the placeholder stands for it', async () => {
  const { emitter, seen } = await scene(compiled)
  emitter.update(null, tupleOf(['1', UNCHANGED, '2', '0']))
  emitter.update(
    { kind: 'full', tuple: tupleOf(['1', 'old', '2', '0']) },
    tupleOf(['1', UNCHANGED, '3', '0']),
  )
  const [placeholder, copied] = seen()
  assert.match(placeholder!.value!, /"after":\{"id":1,"name":"__debezium_unavailable_value"/)
  assert.match(copied!.value!, /"after":\{"id":1,"name":"old","qty":3/)
})

test('a change that cannot be represented leaves nothing behind', async () => {
  const { emitter, seen } = await scene(compiled)
  emitter.insert(tupleOf(['1', 'a', '1', '1']))
  assert.throws(() => emitter.insert(tupleOf(['2', 'b', '1', 'NaN'])), /NOT NULL column \w+\.\w+\.price/)
  emitter.insert(tupleOf(['3', 'c', '1', '1']))
  assert.deepEqual(
    seen().map(({ key }) => key),
    ['{"id":1}', '{"id":3}'],
  )
})

test('with several partitions the key chooses', async () => {
  const { emitter, seen } = await scene((template) => compiled(template, 6))
  for (let id = 0; id < 20; id++) emitter.insert(tupleOf([String(id), 'x', '1', '0']))
  const partitions = new Map(seen().map(({ key, partition }) => [key, partition]))
  assert.equal(partitions.size, 20)
  // murmur2 of {"id":1} is -56768732.
  assert.equal(partitions.get('{"id":1}'), (-56_768_732 & 0x7fffffff) % 6)
})

test('rows without a key go to one partition at a time', async () => {
  const keyless = relationOf({ columns: [{ name: 'a', type: 'int4' }] })
  const { emitter, seen } = await scene((template) => compiled(template, 3), {}, keyless)
  const partitions = Array.from({ length: 3 }, () => {
    emitter.insert(tupleOf(['1']))
    emitter.insert(tupleOf(['2']))
    return seen().map(({ partition, key }) => `${partition} ${key}`)
  })
  assert.deepEqual(partitions, [
    ['0 null', '0 null'],
    ['1 null', '1 null'],
    ['2 null', '2 null'],
  ])
})

test('answers decide: general records are views over copies, dropped ones are not written', async () => {
  const general = await scene(() => ({ kind: 'general' }))
  const row = tupleOf(['1', 'one', '2', '0'])
  general.emitter.read(row)
  row.bytes.fill(0x39)
  general.position.lsn = 1n
  const [record] = general.seen()
  assert.match(record!.value!, /"after":\{"id":1,"name":"one","qty":2/)
  assert.match(record!.value!, /"lsn":24023288/)
  const dropped = await scene(() => ({ kind: 'dropped' }))
  dropped.emitter.read(tupleOf(['1', 'one', '2', '0']))
  assert.equal(dropped.batch.isEmpty, true)
})

test('options leave out operations, tombstones, headers and columns', async () => {
  const asked: string[] = []
  const { emitter, seen } = await scene(
    (template) => {
      asked.push(template.value === null ? 'tombstone' : 'change')
      return compiled(template)
    },
    {
      skippedOperations: new Set(['u']),
      tombstonesOnDelete: false,
      extendedHeadersEnabled: false,
      isColumnIncluded: (_schema, _table, column) => column === 'name',
    },
  )
  emitter.update(null, tupleOf(['1', 'x', '2', '0']))
  emitter.delete({ kind: 'key', tuple: tupleOf(['1', null, null, null]) })
  emitter.truncate()
  const records = seen()
  assert.equal(records.length, 2)
  assert.deepEqual(records[0]!.headers, [])
  assert.equal(records[0]!.key, '{"id":1}')
  assert.match(records[0]!.value!, /^\{"before":\{"name":null\},"after":null/)
  assert.match(records[1]!.value!, /^\{"before":null,"after":null,.*"op":"t"/)
  assert.deepEqual(asked, ['change', 'change', 'change', 'change'])
})

test('a delete without an old row is left out, with one warning', async () => {
  const { emitter, batch, warnings } = await scene(compiled)
  emitter.delete(null)
  emitter.delete(null)
  assert.equal(batch.isEmpty, true)
  assert.equal(warnings.length, 1)
})

const NAN_ROW = tupleOf(['1', 'a', '1', 'NaN'])

test('a change of which no record can be made is left out where that is asked for, and the next one is written', async () => {
  for (const mode of ['warn', 'skip', 'ignore'] as const) {
    const { emitter, seen, warnings } = await scene(compiled, { processingFailureMode: mode })
    emitter.insert(NAN_ROW)
    emitter.insert(tupleOf(['2', 'b', '1', '1']))
    assert.deepEqual(
      seen().map(({ key }) => key),
      ['{"id":2}'],
    )
    assert.deepEqual(warnings, mode === 'warn' ? ['a change was left out'] : [])
  }
})

test('what cannot be represented or read is null, and told of now and then; or it fails', async () => {
  const relation = relationOf({
    columns: [
      { name: 'id', type: 'int4' },
      { name: 'price', type: 'numeric' },
      { name: 'map', type: 'hstore' },
    ],
    key: ['id'],
  })
  const row = tupleOf(['1', 'NaN', '"a"=>"1", oops'])
  const { emitter, seen, warnings } = await scene(compiled, {}, relation)
  for (let i = 0; i < 10; i++) emitter.insert(row)
  assert.match(seen().at(-1)!.value!, /"after":\{"id":1,"price":null,"map":null\}/)
  assert.equal(warnings.length, 4, 'the first and the tenth of both columns')
  const strict = await scene(compiled, { convertingFailureMode: 'fail' }, relation)
  assert.throws(() => strict.emitter.insert(row), /column \w+\.\w+\.price cannot be represented/)
  assert.throws(
    () => strict.emitter.insert(tupleOf(['1', null, 'oops'])),
    /column \w+\.\w+\.map cannot be read/,
  )
})
