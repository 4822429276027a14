import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ConnectValue } from '../../api/value.ts'
import { ValueStruct } from '../../api/struct.ts'
import { extractField } from './extract-field.ts'
import { FieldPath } from './field-path.ts'
import { refuses, validates, valueAfter } from '../testing/expectations.ts'
import { INT32, mapRecord, record, STRING, structRecord, structSchemaOf } from '../testing/records.ts'

const V2 = { 'field.syntax.version': 'v2' }
const inner = structSchemaOf(
  { 'x.y': STRING, n: { ...INT32, optional: true, default: 4 } },
  { optional: true },
)
const schema = structSchemaOf({ id: INT32, inner, 'a.b': STRING })
const full = structRecord(schema, [1, new ValueStruct(inner, ['deep', null]), 'dotted'])
const bare = structRecord(schema, [1, null, null])
const map = mapRecord({ a: new Map<ConnectValue, ConnectValue>([['b', 3n]]), 'a.b': 'flat' })

const TABLE: readonly (readonly [string, Record<string, string>, typeof full, unknown])[] = [
  ['a field', { field: 'id' }, full, 1],
  ['a name with a dot in the first syntax', { field: 'a.b' }, full, 'dotted'],
  ['a name with a dot in backticks', { field: '`a.b`', ...V2 }, full, 'dotted'],
  ['a nested field', { field: 'inner.`x.y`', ...V2 }, full, 'deep'],
  ['the default of a null', { field: 'inner.n', ...V2 }, full, 4],
  ['a null that stays', { field: 'inner.n', 'replace.null.with.default': 'false', ...V2 }, full, null],
  ['a field of a struct that is null', { field: 'inner.n', ...V2 }, bare, null],
  ['an entry of a map', { field: 'a.b' }, map, 'flat'],
  ['a nested entry', { field: 'a.b', ...V2 }, map, 3n],
  ['an entry that is not there', { field: 'c.d', ...V2 }, map, null],
]

for (const [what, config, from, expected] of TABLE) {
  it(`ExtractField$Value takes ${what}`, () =>
    assert.deepEqual(valueAfter(extractField.value, config, from), expected))
}

it('ExtractField takes the schema of the field, from a null too', () => {
  const gone = extractField.value.create({ field: 'id' }).apply(record({ valueSchema: schema }))!
  assert.deepEqual([gone.valueSchema, gone.value], [INT32, null])
  const tombstone = record()
  assert.equal(extractField.key.create({ field: 'id' }).apply(tombstone), tombstone)
})

it('ExtractField refuses fields that are not there and values that have none', () => {
  refuses(extractField.value, { field: 'no' }, { record: full, message: 'Unknown field: no' })
  refuses(
    extractField.value,
    { field: 'no' },
    {
      record: record({ valueSchema: INT32, value: 3 }),
      message: 'Only Struct objects supported for [field extraction], found: java.lang.Integer',
    },
  )
  refuses(
    extractField.value,
    { field: 'a.b.c', ...V2 },
    {
      record: map,
      message:
        'Only Map objects supported in absence of schema for [nested field access], found: java.lang.Long',
    },
  )
})

it('ExtractField tells what is wrong with its options', () => {
  validates(extractField.key, { 'field.syntax.version': 'V3' }, [
    'Missing required configuration "field" which has no default value.',
    'Invalid value V3 for configuration field.syntax.version: String must be one of (case insensitive): V1, V2',
  ])
  assert.throws(() => new FieldPath('a.`b', 'V2'), {
    name: 'ConfigError',
    message:
      'Incomplete backtick pair in path: [a.`b], consider adding a backslash before backtick at position 2 to escape it',
  })
})

const PATHS: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['a', ['a']],
  ['a.b', ['a', 'b']],
  ['a.', ['a', '']],
  ['`a.b`.c', ['a.b', 'c']],
  ['a.`b`c`.d', ['a', 'b`c', 'd']],
  ['`a\\`.b`.c', ['a`.b', 'c']],
]

for (const [path, steps] of PATHS) {
  it(`the path ${path} leads through ${steps.join(' > ')}`, () => {
    let nested: ConnectValue = 'found'
    for (const step of steps.length === 0 ? [''] : [...steps].reverse()) nested = new Map([[step, nested]])
    assert.equal(new FieldPath(path, 'V2').valueInMap(nested as ReadonlyMap<string, ConnectValue>), 'found')
  })
}
