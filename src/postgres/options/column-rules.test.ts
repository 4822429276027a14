import assert from 'node:assert/strict'
import { test } from 'node:test'
import { relationOf } from '../testing/relations.ts'
import { columnRuleIssues, columnRules } from './column-rules.ts'
import { messageKeys } from './message-keys.ts'

const T = relationOf({
  columns: [
    { name: 'id', type: 'int4' },
    { name: 'grp', type: 'text' },
    { name: 'mail', type: 'text' },
  ],
})

test('of the rules that name a column the first kind counts', () => {
  const rules = columnRules({
    'column.propagate.source.type': String.raw`public\.t\..*`,
    'column.mask.hash.v2.SHA-256.with.salt.a.b': 'public.t.grp,public.t.mail',
    'column.mask.with.3.chars': 'public.t.mail',
    'datatype.propagate.source.type': String.raw`.+\.int4`,
  })
  const kinds = T.columns.map((column) => rules('public', 't', column)?.kind)
  assert.deepEqual(kinds, ['source-type', 'hash', 'mask'])
  assert.deepEqual(rules('public', 't', T.columns[1]!), {
    kind: 'hash',
    version: 2,
    algorithm: 'SHA-256',
    salt: 'a.b',
  })
  assert.deepEqual(
    T.columns.map((column) => rules('other', 't', column)?.kind),
    ['source-type', undefined, undefined],
  )
})

test('rules that cannot be followed are told', () => {
  const issues = columnRuleIssues({
    'column.mask.hash.MD2.with.salt.x': 'public.t.mail',
    'column.mask.hash.SHA-256.with.salt.x': 'public.t.(',
    'column.truncate.to.0.chars': 'public.t.mail',
    'column.mask.with.0.chars': 'public.t.mail',
    'column.mask.hash.v2.SHA3-256.with.salt.x': 'public.t.mail',
  })
  assert.deepEqual(
    issues.map(({ message }) => message.replace(/a group is not closed.*/, '…')),
    [
      "The 'column.mask.hash.MD2.with.salt.x' value is invalid: MD2 is not a hash algorithm that is available here",
      "The 'column.mask.hash.SHA-256.with.salt.x' value is invalid: A comma-separated list of valid regular expressions is expected, but …",
      "The 'column.truncate.to.0.chars' value is invalid: Maximum length must be positive",
    ],
  )
})

test('key columns come in the order of the expressions', () => {
  const key = messageKeys(String.raw`public\.t:grp,id;public.u:a;other\.(.*):mail`)
  assert.deepEqual(key(T), [1, 0])
  assert.deepEqual(key({ ...T, schema: 'other' }), [2])
  assert.equal(key({ ...T, table: 'v' }), null)
  assert.equal(messageKeys('')(T), null)
})
