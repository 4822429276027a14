import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../properties.ts'
import type { ConnectorConfig } from '../../src/api/config-def.ts'
import { RecordBatchReader } from '../../src/api/record-batch.ts'
import type { SourceBatch, SourceTaskContext } from '../../src/api/source-task.ts'
import type { CompileResult, RecordTemplate } from '../../src/api/template.ts'
import { jsonConverter } from '../../src/converters/json-converter.ts'
import type { ChangePosition } from '../../src/postgres/envelope/change-position.ts'
import { createRelationEmitter } from '../../src/postgres/envelope/create-relation-emitter.ts'
import type { EnvelopeOptions } from '../../src/postgres/envelope/envelope-options.ts'
import { SourceBatchBuilder } from '../../src/postgres/envelope/source-batch-builder.ts'
import {
  envelopeOptions,
  relationOf,
  tupleOf,
  UNCHANGED,
  type ColumnSketch,
} from '../../src/postgres/testing/relations.ts'
import { extractNewRecordState } from '../../src/transforms/debezium/extract-new-record-state.ts'

const two = (value: number) => String(value).padStart(2, '0')
const fraction = fc.integer({ min: 0, max: 999_999 }).map((micros) => {
  const digits = String(micros).padStart(6, '0').replace(/0+$/, '')
  return digits === '' ? '' : `.${digits}`
})
const date = fc
  .tuple(
    fc.integer({ min: 1, max: 12_000 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
  )
  .map(([year, month, day]) => `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`)
const time = fc
  .tuple(
    fc.integer({ min: 0, max: 23 }),
    fc.integer({ min: 0, max: 59 }),
    fc.integer({ min: 0, max: 59 }),
    fraction,
  )
  .map(([hour, minute, second, rest]) => `${two(hour)}:${two(minute)}:${two(second)}${rest}`)
const offset = fc.constantFrom('+00', '+09', '-03:30', '+08:05:43')
const infinity = fc.constantFrom('infinity', '-infinity')
const timestamp = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(date, time).map((parts) => parts.join(' ')) },
  { weight: 1, arbitrary: infinity },
)
const zoned = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(date, time, offset).map(([d, t, o]) => `${d} ${t}${o}`) },
  { weight: 1, arbitrary: infinity },
)
const text = fc.string({ unit: 'grapheme', maxLength: 120 }).map((value) => value.replaceAll('\0', ''))
const integer = (bits: bigint) =>
  fc.bigInt({ min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n }).map(String)
/** PostgreSQL's shortest digits are JavaScript's. */
const float64 = fc.double().map((value) => (Object.is(value, -0) ? '-0' : String(value)))
const float32 = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => shortestFloat(value))
const numeric = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 12 }))
  .map(([isNegative, digits, scale]) => {
    const padded = String(digits).padStart(scale + 1, '0')
    const point = padded.length - scale
    return `${isNegative ? '-' : ''}${padded.slice(0, point)}${scale > 0 ? `.${padded.slice(point)}` : ''}`
  })
const fixed = fc.integer({ min: -(10 ** 11), max: 10 ** 11 }).map((cents) => (cents / 100).toFixed(2))
const special = fc.constantFrom('NaN', 'Infinity', '-Infinity')
const hex = fc.uint8Array({ maxLength: 40 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)
const bits = fc.array(fc.constantFrom('0', '1'), { maxLength: 20 }).map((all) => all.join(''))
const arrayOf = (element: fc.Arbitrary<string>) =>
  fc.array(fc.option(element), { maxLength: 4 }).map((elements) => {
    const parts = elements.map((value) =>
      value === null ? 'NULL' : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
    )
    return `{${parts.join(',')}}`
  })

function shortestFloat(value: number): string {
  if (Object.is(value, -0)) return '-0'
  for (let digits = 1; digits < 10; digits++) {
    const candidate = value.toPrecision(digits)
    if (Math.fround(Number(candidate)) === value) return String(Number(candidate))
  }
  return String(value)
}

/** Every kind of column with texts that PostgreSQL may send for it. */
const COLUMNS: readonly (readonly [type: string, typeModifier: number, values: fc.Arbitrary<string>])[] = [
  ['bool', -1, fc.constantFrom('t', 'f')],
  ['int2', -1, integer(16n)],
  ['int4', -1, integer(32n)],
  ['int8', -1, integer(64n)],
  ['float4', -1, float32],
  ['float8', -1, float64],
  ['numeric', -1, fc.oneof({ weight: 9, arbitrary: numeric }, { weight: 1, arbitrary: special })],
  [
    'numeric',
    ((12 << 16) | 2) + 4,
    fc.oneof({ weight: 9, arbitrary: fixed }, { weight: 1, arbitrary: special }),
  ],
  ['money', -1, fixed.map((value) => (value.startsWith('-') ? `-$${value.slice(1)}` : `$${value}`))],
  ['text', -1, text],
  ['bpchar', 9, text],
  ['uuid', -1, fc.uuid()],
  ['jsonb', -1, fc.json()],
  ['bytea', -1, hex],
  ['bit', 1, fc.constantFrom('0', '1')],
  ['varbit', -1, bits],
  ['date', -1, fc.oneof(date, infinity)],
  ['time', -1, time],
  ['time', 3, time],
  ['timestamp', -1, timestamp],
  ['timestamp', 3, timestamp],
  ['timestamptz', -1, zoned],
  ['timestamptz', 3, zoned],
  ['timetz', -1, fc.tuple(time, offset).map((parts) => parts.join(''))],
  ['interval', -1, time.map((value) => `1 year 2 mons -3 days ${value}`)],
  ['int4range', -1, fc.constantFrom('empty', '[1,10)')],
  [
    'point',
    -1,
    fc
      .tuple(float64, float64)
      .filter(([x, y]) => x !== 'NaN' && y !== 'NaN')
      .map(([x, y]) => `(${x},${y})`),
  ],
  ['vector', -1, fc.constantFrom('[1]', '[1,2.5,-3e+10]')],
  ['sparsevec', -1, fc.constantFrom('{}/3', '{1:1.5,5:-2}/5', '{}/40000')],
  ['geometry', -1, fc.constant('0101000020E610000000000000000008400000000000001040')],
  ['hstore', -1, fc.constantFrom('', String.raw`"a"=>"1", "b\"\\"=>NULL`)],
  ['text[]', -1, arrayOf(text)],
  ['int4[]', -1, arrayOf(integer(32n))],
  ['numeric[]', ((12 << 16) | 2) + 4, arrayOf(fixed)],
  ['timestamptz[]', -1, arrayOf(zoned)],
]

/** Defaults that some columns have, by type. */
const DEFAULTS: Readonly<Record<string, string>> = {
  int4: '5',
  text: "'x'::text",
  bool: 'true',
  timestamp: 'CURRENT_TIMESTAMP',
  uuid: 'gen_random_uuid()',
}

const column = fc
  .tuple(fc.constantFrom(...COLUMNS), fc.boolean(), fc.boolean())
  .chain(([[type, typeModifier, values], isNullable, hasDefault]) => {
    const sketch: Omit<ColumnSketch, 'name'> = {
      type,
      typeModifier,
      notNull: !isNullable,
      ...(hasDefault && DEFAULTS[type] !== undefined && { default: DEFAULTS[type] }),
    }
    const value = fc.oneof<fc.WeightedArbitrary<string | null | typeof UNCHANGED>[]>(
      { weight: 8, arbitrary: values },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constant(UNCHANGED) },
    )
    return fc.tuple(
      fc.constant(sketch),
      value,
      value.filter((old) => old !== UNCHANGED),
    )
  })

const modes: fc.Arbitrary<Partial<EnvelopeOptions>> = fc.record({
  decimalHandlingMode: fc.constantFrom('precise', 'double', 'string'),
  timePrecisionMode: fc.constantFrom(
    'adaptive',
    'adaptive_time_microseconds',
    'connect',
    'isostring',
    'microseconds',
    'nanoseconds',
    'structured',
  ),
  intervalHandlingMode: fc.constantFrom('numeric', 'string'),
  binaryHandlingMode: fc.constantFrom('bytes', 'base64', 'base64-url-safe', 'hex'),
  hstoreHandlingMode: fc.constantFrom('json', 'map'),
  numericForm: fc.constantFrom('reference', 'number'),
  timeForm: fc.constantFrom('reference', 'iso'),
  jsonForm: fc.constantFrom('reference', 'object'),
  hstoreForm: fc.constantFrom('reference', 'object'),
  arrayForm: fc.constantFrom('reference', 'all', 'nested'),
  convertingFailureMode: fc.constantFrom('fail', 'warn', 'skip'),
  provideTransactionMetadata: fc.boolean(),
})

const converterConfig: fc.Arbitrary<ConnectorConfig> = fc.record({
  'schemas.enable': fc.constantFrom('true', 'false'),
  'decimal.format': fc.constantFrom('BASE64', 'NUMERIC'),
  'replace.null.with.default': fc.constantFrom('true', 'false'),
})

const position: fc.Arbitrary<ChangePosition> = fc.record({
  snapshot: fc.constantFrom('first', 'true', 'last', 'false'),
  lsn: fc.bigInt({ min: 0n, max: 2n ** 63n }),
  lastCommitLsn: fc.option(fc.bigInt({ min: 0n, max: 2n ** 63n })),
  txId: fc.nat(),
  xmin: fc.option(fc.bigInt({ min: 0n, max: 2n ** 31n })),
  sourceTimeUs: fc.bigInt({ min: 0n, max: 2n ** 53n }),
  processedTimeUs: fc.bigInt({ min: 0n, max: 2n ** 53n }),
  totalOrder: fc.integer({ min: 1 }),
  collectionOrder: fc.integer({ min: 1 }),
})

const unwraps: fc.Arbitrary<ConnectorConfig | null> = fc.option(
  fc.record({
    'add.fields': fc.constantFrom(
      'op,ts_ms',
      'source.lsn,source.snapshot,table',
      'transaction.total_order,op',
      '',
    ),
    'delete.tombstone.handling.mode': fc.constantFrom('tombstone', 'rewrite', 'drop', 'delete-to-tombstone'),
    'replace.null.with.default': fc.constantFrom('true', 'false'),
  }),
)

test('compiled records are the bytes of records that take the general path', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(column, { minLength: 1, maxLength: 6 }),
      fc.record({ modes, converterConfig, position, unwraps }),
      async (columns, given) => {
        const compiled = await outcome('compiled', columns, given)
        const general = await outcome('general', columns, given)
        assert.deepEqual(compiled, general)
      },
    ),
    { numRuns: 700 },
  )
})

type Given = {
  readonly modes: Partial<EnvelopeOptions>
  readonly converterConfig: ConnectorConfig
  readonly position: ChangePosition
  readonly unwraps: ConnectorConfig | null
}
type GivenColumn = readonly [
  sketch: Omit<ColumnSketch, 'name'>,
  value: string | null | typeof UNCHANGED,
  oldValue: string | null | typeof UNCHANGED,
]

/** Key and value of every record that a few changes of one row make, or that there was no way to represent it. */
async function outcome(way: 'compiled' | 'general', columns: readonly GivenColumn[], given: Given) {
  const converter = jsonConverter.create(given.converterConfig, 'value')
  const unwrap = given.unwraps === null ? null : extractNewRecordState.create(given.unwraps)
  const relation = relationOf({
    key: ['id'],
    columns: [{ name: 'id', type: 'int8' }, ...columns.map(([sketch], i) => ({ ...sketch, name: `c"${i}` }))],
  })
  const newRow = tupleOf(['1', ...columns.map(([, value]) => value)])
  const oldRow = tupleOf(['1', ...columns.map(([, , old]) => old)])
  const compile = (template: RecordTemplate): CompileResult => {
    const result = unwrap === null ? template : unwrap.compile!(template)
    if (result === 'dropped') return { kind: 'dropped' }
    if (result === null || way === 'general') return { kind: 'general' }
    const key = converter.compile!('t', result.key!)!
    const value = result.value === null ? null : converter.compile!('t', result.value)!
    return { kind: 'compiled', topic: 't', partitions: 1, key, value, headers: new Uint8Array(0) }
  }
  const quiet = () => {}
  const context: SourceTaskContext = {
    connectorName: 'c',
    taskId: 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    signal: new AbortController().signal,
    offset: () => Promise.resolve(null),
    metrics: () => ({ set: () => {}, add: () => {}, observe: () => {} }),
    compile: (template) => Promise.resolve(compile(template)),
  }
  const batch = new SourceBatchBuilder()
  const options = envelopeOptions({ ...given.modes, extendedHeadersEnabled: false })
  const emitter = await createRelationEmitter(relation, {
    options,
    position: { ...given.position },
    batch,
    context,
    order: null,
  })
  const changes = [
    () => emitter.read(newRow),
    () => emitter.insert(newRow),
    () => emitter.update(null, newRow),
    () => emitter.update({ kind: 'full', tuple: oldRow }, newRow),
    () => emitter.delete({ kind: 'full', tuple: oldRow }),
  ]
  return changes.map((change) => {
    try {
      change()
      return written(batch.take({}, {}))
    } catch (error) {
      batch.take({}, {})
      return (error as Error).message
    }
  })

  function written(taken: SourceBatch): (string | null)[][] {
    const records: (string | null)[][] = []
    for (const part of taken.parts) {
      if (part.kind === 'encoded') {
        for (const reader = new RecordBatchReader(part.batch); reader.next();) {
          records.push([asText(reader.key), asText(reader.value)])
        }
        continue
      }
      for (const source of part.records) {
        const record = unwrap === null ? source : unwrap.apply(source)
        if (record === null) continue
        records.push([
          asText(converter.fromConnectData('t', record.keySchema, record.key)),
          asText(converter.fromConnectData('t', record.valueSchema, record.value)),
        ])
      }
    }
    return records
  }
}

function asText(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString()
}
