import assert from 'node:assert/strict'
import { it } from 'node:test'
import { keyAfter, refuses, validates } from '../testing/expectations.ts'
import { INT32, mapRecord, record, STRING, structRecord, structSchemaOf } from '../testing/records.ts'
import { valueToKey } from './value-to-key.ts'

const schema = structSchemaOf({ id: INT32, name: STRING, qty: { ...INT32, default: 7, optional: true } })
const row = structRecord(schema, [1, 'one', null])

it('ValueToKey makes a struct of the fields, in the order of the option', () => {
  assert.deepEqual(keyAfter(valueToKey, { fields: 'qty, id' }, row), [
    ['qty', 7],
    ['id', 1],
  ])
  const kept = { fields: 'qty', 'replace.null.with.default': 'false' }
  assert.deepEqual(keyAfter(valueToKey, kept, row), [['qty', null]])
  const { keySchema, value } = valueToKey.create({ fields: 'name' }).apply(row)!
  assert.deepEqual(keySchema, structSchemaOf({ name: STRING }))
  assert.equal(value, row.value)
})

it('ValueToKey makes a map of a map, with nulls for what is not there', () => {
  const entries = mapRecord({ a: 1n, b: 'x' })
  assert.deepEqual(
    keyAfter(valueToKey, { fields: 'b,c' }, entries),
    new Map([
      ['b', 'x'],
      ['c', null],
    ]),
  )
})

it('ValueToKey refuses tombstones and fields that are not there', () => {
  refuses(valueToKey, { fields: 'id,no' }, { record: row, message: 'Field does not exist: no' })
  refuses(
    valueToKey,
    { fields: 'id' },
    {
      record: record(),
      message:
        'Only Map objects supported in absence of schema for [copying fields from value to key], found: null',
    },
  )
  refuses(
    valueToKey,
    { fields: 'id' },
    {
      record: record({ valueSchema: schema }),
      message: 'Only Struct objects supported for [copying fields from value to key], found: null',
    },
  )
})

it('ValueToKey tells what is wrong with its fields', () => {
  validates(valueToKey, {}, [
    'Missing required configuration "fields" which has no default value.',
    "Configuration 'fields' values must not be null.",
  ])
  validates(valueToKey, { fields: '' }, [
    "Configuration 'fields' must not be empty. Valid values include: any non-empty value",
  ])
  validates(valueToKey, { fields: 'a,a' }, ["Configuration 'fields' values must not be duplicated."])
})
