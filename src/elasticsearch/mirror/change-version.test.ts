import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeVersion } from './change-version.ts'

test('a change is as new as the last commit before its own', () => {
  const of = (lsn: string | null, sequence: string | null) => changeVersion({ lsn, sequence })
  assert.deepEqual(of('50', '["100","50"]'), { version: 100n, isFirst: false })
  assert.deepEqual(of('150', '["100","150"]'), { version: 150n, isFirst: false })
  assert.deepEqual(of('150', '"[\\"100\\",\\"150\\"]"'), { version: 150n, isFirst: false })
  assert.deepEqual(of('50', '"[\\"18446744073709551\\",\\"50\\"]"'), {
    version: 18446744073709551n,
    isFirst: false,
  })
  assert.deepEqual(of('50', '[null,"50"]'), { version: 50n, isFirst: true })
  assert.deepEqual(of('50', '"[null,\\"50\\"]"'), { version: 50n, isFirst: true })
  assert.deepEqual(of('50', null), { version: 50n, isFirst: false })
  assert.equal(of('x', null), null)
})

test('a row of an incremental snapshot is as new as what was streamed before it', () => {
  const of = (sequence: string | null) => changeVersion({ lsn: null, sequence })
  assert.deepEqual(of('["100","150"]'), { version: 150n, isFirst: false })
  assert.deepEqual(of('"[\\"100\\",\\"100\\"]"'), { version: 100n, isFirst: false })
  assert.deepEqual(of('["100",null]'), { version: 100n, isFirst: false })
  assert.deepEqual(of('[null,"150"]'), { version: 150n, isFirst: true })
  assert.equal(of('[null,null]'), null)
  assert.equal(of(null), null)
})
