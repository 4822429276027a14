import assert from 'node:assert/strict'
import { it } from 'node:test'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { ConnectRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { refuses } from '../testing/expectations.ts'
import { record, STRING, structSchemaOf } from '../testing/records.ts'
import { timezoneConverter } from './timezone-converter.ts'
import { ZoneOffset } from './zone-offset.ts'
import { moveTimeText, moveTimestampText } from './zoned-text.ts'

const named = (type: Schema['type'], name: string): Schema => ({ type, optional: true, name })
const COLUMNS = {
  a: named('int64', 'io.debezium.time.MicroTimestamp'),
  b: named('string', 'io.debezium.time.ZonedTimestamp'),
  c: named('int64', LOGICAL.timestamp),
  d: named('int32', 'io.debezium.time.Date'),
  e: STRING,
}
const ROW = structSchemaOf(COLUMNS, { optional: true })
const SOURCE = structSchemaOf({ table: STRING, ts_ms: { type: 'int64', optional: true } })
const ENVELOPE = structSchemaOf({ before: ROW, after: ROW, source: SOURCE }, { name: 'p.public.t.Envelope' })
const values: readonly ConnectValue[] = [
  1704164645600000n,
  '2024-01-02T03:04:05.6Z',
  new Date('2024-01-02T03:04:05Z'),
  19724,
  'x',
]
const change = record({
  valueSchema: ENVELOPE,
  value: new ValueStruct(ENVELOPE, [
    null,
    new ValueStruct(ROW, values),
    new ValueStruct(SOURCE, ['t', 1704164645000n]),
  ]),
})
const ZONE = { 'converted.timezone': '+05:30' }
const MOVED = {
  a: 1704144845600000n,
  b: '2024-01-02T08:34:05.6+05:30',
  c: new Date('2024-01-01T21:34:05Z'),
}

function fieldsAfter(config: Record<string, string>, from: ConnectRecord = change): unknown[] {
  const { value } = timezoneConverter.create({ ...ZONE, ...config }).apply(from)!
  assert.ok(isStruct(value))
  const after = value.get('after')
  assert.ok(isStruct(after))
  return Object.keys(COLUMNS).map((name) => after.get(name))
}

const RULES: readonly (readonly [Record<string, string>, string])[] = [
  [{}, 'abc'],
  [{ 'include.list': 'source:t' }, 'abc'],
  [{ 'include.list': 'source:other' }, ''],
  [{ 'include.list': 'source:t:a' }, 'a'],
  [{ 'include.list': 'source:t:after.b,t:before.c' }, 'b'],
  [{ 'include.list': 'topic:p.public.t:c' }, 'c'],
  [{ 'include.list': 't:a' }, 'a'],
  [{ 'exclude.list': 'source:t' }, ''],
  [{ 'exclude.list': 'source:t:a' }, 'bc'],
  [{ 'exclude.list': 'source:other' }, 'abc'],
]

for (const [config, moved] of RULES) {
  it(`TimezoneConverter moves "${moved}" with ${JSON.stringify(config)}`, () => {
    const expected = values.map((value, i) => {
      const name = Object.keys(COLUMNS)[i]!
      return moved.includes(name) ? MOVED[name as keyof typeof MOVED] : value
    })
    assert.deepEqual(fieldsAfter(config), expected)
  })
}

it('TimezoneConverter moves times of the source block only by name', () => {
  const { value } = timezoneConverter
    .create({ ...ZONE, 'include.list': 'source:t:source.ts_ms' })
    .apply(change)!
  assert.ok(isStruct(value))
  const source = value.get('source')
  assert.ok(isStruct(source))
  assert.equal(source.get('ts_ms'), 1704164645000n + 19_800_000n)
})

it('TimezoneConverter leaves tombstones and other records alone', () => {
  for (const other of [record(), record({ valueSchema: STRING, value: 'x' })]) {
    assert.equal(timezoneConverter.create(ZONE).apply(other), other)
  }
})

it('TimezoneConverter refuses texts that are no times', () => {
  const after = new ValueStruct(ROW, [null, 'soon', null, null, null])
  refuses(timezoneConverter, ZONE, {
    record: { ...change, value: new ValueStruct(ENVELOPE, [null, after, null]) },
    message: "Text 'soon' could not be parsed as a time with an offset",
  })
})

it('TimezoneConverter tells what is wrong with its options', () => {
  const create = (config: Record<string, string>) => () => timezoneConverter.create({ ...ZONE, ...config })
  assert.throws(create({ 'converted.timezone': 'Nowhere/City' }), /^ConfigError: Invalid timezone format\./)
  assert.throws(create({ 'include.list': 'a' }), /^ConfigError: Invalid include list format\./)
  assert.throws(create({ 'include.list': 'a:b', 'exclude.list': 'c:d' }), /Please specify only one\.$/)
})

it('a zone has the offset of the moment, and before a change that of what was before', () => {
  const berlin = new ZoneOffset('Europe/Berlin')
  const local = (text: string) => berlin.atLocal(Date.parse(`${text}Z`)) / 3600
  assert.equal(berlin.at(Date.parse('2024-07-01T00:00:00Z')), 7200)
  assert.equal(local('2024-03-31T01:59:59'), 1)
  assert.equal(local('2024-03-31T02:30:00'), 1)
  assert.equal(local('2024-03-31T03:00:00'), 2)
  assert.equal(local('2024-10-27T02:30:00'), 2)
  assert.equal(local('2024-10-27T03:00:00'), 1)
  assert.equal(new ZoneOffset('-03:30:15').at(0), -12_615)
})

const TEXTS: readonly (readonly [string, number, string])[] = [
  ['2024-12-31T23:30:00.120Z', 3600, '2025-01-01T00:30:00.12+01:00'],
  ['2024-01-01T00:00:00+02:00', 0, '2023-12-31T22:00:00Z'],
  ['0001-01-01T00:00Z', -12_615, '0000-12-31T20:29:45-03:30:15'],
  ['23:30:00.5Z', 3600, '00:30:00.5+01:00'],
  ['00:10:00+01:00', 0, '23:10:00Z'],
]

for (const [text, offset, expected] of TEXTS) {
  it(`${text} is ${expected} elsewhere`, () =>
    assert.equal(
      text.includes('T') ? moveTimestampText(text, () => offset) : moveTimeText(text, offset),
      expected,
    ))
}
