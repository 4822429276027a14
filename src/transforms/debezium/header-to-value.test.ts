import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Header } from '../../api/record.ts'
import { ValueStruct } from '../../api/struct.ts'
import { headerToValue } from './header-to-value.ts'
import { plain } from '../testing/both-ways.ts'
import { refuses } from '../testing/expectations.ts'
import { INT32, record, STRING, structRecord, structSchemaOf } from '../testing/records.ts'

const CONFIG = { headers: 'h,i', fields: 'x,inner.y', operation: 'copy' }
const h: Header = { name: 'h', schema: STRING, value: 'H' }
const i: Header = { name: 'i', schema: INT32, value: 5 }
const inner = structSchemaOf({ a: STRING }, { name: 'Inner', optional: true })
const schema = structSchemaOf({ id: INT32, inner }, { name: 'Row' })
const row = structRecord(schema, [1, new ValueStruct(inner, ['A'])])

it('HeaderToValue adds fields, in structs too, and keeps or takes the headers', () => {
  const headers = [h, { ...h, name: 'other' }, i]
  const copied = headerToValue.create(CONFIG).apply({ ...row, headers })!
  assert.deepEqual(
    copied.valueSchema,
    structSchemaOf(
      { id: INT32, inner: structSchemaOf({ a: STRING, y: INT32 }, { name: 'Inner' }), x: STRING },
      { name: 'Row' },
    ),
  )
  assert.deepEqual(plain(copied.value), [
    ['id', 1],
    [
      'inner',
      [
        ['a', 'A'],
        ['y', 5],
      ],
    ],
    ['x', 'H'],
  ])
  assert.deepEqual(copied.headers, headers)
  const moved = headerToValue.create({ ...CONFIG, operation: 'move' }).apply({ ...row, headers })!
  assert.deepEqual(
    moved.headers.map(({ name }) => name),
    ['other'],
  )
})

it('HeaderToValue makes structs that are not there, and overwrites fields that are', () => {
  const config = { headers: 'h,i', fields: 'new.z,id', operation: 'move' }
  const made = headerToValue.create(config).apply({ ...row, headers: [h, i] })!
  assert.deepEqual(plain(made.value), [
    ['id', 5],
    ['inner', [['a', 'A']]],
    ['new', [['z', 'H']]],
  ])
  assert.deepEqual(
    made.valueSchema!.fields!.at(-1)!.schema,
    structSchemaOf({ z: STRING }, { optional: true }),
  )
})

it('HeaderToValue minds which headers a record has', () => {
  const transformation = headerToValue.create(CONFIG)
  const names = (headers: readonly Header[]) =>
    transformation.apply({ ...row, headers })!.valueSchema!.fields!.map(({ name }) => name)
  assert.deepEqual(names([h]), ['id', 'inner', 'x'])
  assert.deepEqual(names([i]), ['id', 'inner'])
  const tombstone = record({ headers: [h] })
  assert.equal(transformation.apply(tombstone), tombstone)
  assert.equal(transformation.apply(row), row)
})

it('HeaderToValue refuses ways through values that are no structs, and lists of unlike length', () => {
  refuses(
    headerToValue,
    { ...CONFIG, fields: 'x,id.y' },
    {
      record: { ...row, headers: [i] },
      message: "Field 'id' is a primitive type, not a struct. Cannot add nested field 'id.y'.",
    },
  )
  assert.throws(() => headerToValue.create({ ...CONFIG, fields: 'x' }), {
    name: 'ConfigError',
    message: "'fields' config must have the same number of elements as 'headers' config.",
  })
})
