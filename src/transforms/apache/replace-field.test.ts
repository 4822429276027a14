import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ValueStruct } from '../../api/struct.ts'
import { replaceField } from './replace-field.ts'
import { keyAfter, refuses, validates, valueAfter } from '../testing/expectations.ts'
import { INT32, mapRecord, record, STRING, structRecord, structSchemaOf } from '../testing/records.ts'

const schema = structSchemaOf(
  { id: INT32, name: STRING, qty: { ...INT32, optional: true, default: 7 } },
  { name: 'Row', version: 3, optional: true, doc: 'd', parameters: { p: '1' }, default: null },
)
const row = structRecord(schema, [1, 'one', null])

const TABLE: readonly (readonly [string, Record<string, string>, unknown])[] = [
  [
    'exclude',
    { exclude: 'name' },
    [
      ['id', 1],
      ['qty', 7],
    ],
  ],
  ['include', { include: 'name,nothing' }, [['name', 'one']]],
  ['exclude over include', { include: 'id,name', exclude: 'id' }, [['name', 'one']]],
  [
    'renames',
    { renames: 'id:key,name:title' },
    [
      ['key', 1],
      ['title', 'one'],
      ['qty', 7],
    ],
  ],
  ['excludes and includes by old names', { include: 'id', renames: 'id:key' }, [['key', 1]]],
  ['nulls kept', { include: 'qty', 'replace.null.with.default': 'false' }, [['qty', null]]],
]

for (const [what, config, expected] of TABLE) {
  it(`ReplaceField$Value: ${what}`, () =>
    assert.deepEqual(valueAfter(replaceField.value, config, row), expected))
}

it('ReplaceField keeps name, version, doc and parameters of the schema, not optional and default', () => {
  const { valueSchema } = replaceField.value.create({ include: 'id', renames: 'id:key' }).apply(row)!
  assert.deepEqual(valueSchema, {
    type: 'struct',
    optional: false,
    name: 'Row',
    version: 3,
    doc: 'd',
    parameters: { p: '1' },
    fields: [{ name: 'key', schema: INT32 }],
  })
})

it('ReplaceField works on maps, on keys, and leaves nulls alone', () => {
  assert.deepEqual(
    valueAfter(replaceField.value, { exclude: 'a', renames: 'b:c' }, mapRecord({ a: 1n, b: null })),
    new Map([['c', null]]),
  )
  const keyed = record({ keySchema: schema, key: new ValueStruct(schema, [1, 'k', 2]) })
  assert.deepEqual(keyAfter(replaceField.key, { include: 'id' }, keyed), [['id', 1]])
  const tombstone = record({ valueSchema: schema })
  assert.equal(replaceField.value.create({ exclude: 'a' }).apply(tombstone), tombstone)
})

it('ReplaceField refuses what is neither struct nor map, and two fields of one name', () => {
  refuses(
    replaceField.value,
    {},
    {
      record: record({ valueSchema: STRING, value: 'x' }),
      message: 'Only Struct objects supported for [field replacement], found: java.lang.String',
    },
  )
  refuses(
    replaceField.value,
    {},
    {
      record: record({ value: 5n }),
      message:
        'Only Map objects supported in absence of schema for [field replacement], found: java.lang.Long',
    },
  )
  refuses(
    replaceField.value,
    { renames: 'id:name' },
    {
      record: row,
      message: 'Cannot create field because of field name duplication name',
    },
  )
})

it('ReplaceField tells which rename is none', () => {
  validates(replaceField.value, { renames: 'a:b,c' }, [
    'Invalid value [a:b, c] for configuration renames: Invalid rename mapping: c',
  ])
})
