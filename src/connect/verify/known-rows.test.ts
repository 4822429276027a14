import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnownRows } from './known-rows.ts'

test('of many rows some of all over the index are kept, and most of each index have to be found again', () => {
  const known = new KnownRows()
  for (let i = 0; i < 10_000; i++) known.saw({ index: 'items', id: String(i) }, i)
  known.saw({ index: 'orders', id: 'one' }, -1)
  const ids = known.ids()
  assert.ok(ids.length > 30 && ids.length <= 65, String(ids.length))
  assert.ok(ids.some((id) => Number(id) < 1000) && ids.some((id) => Number(id) > 9000))
  const keys = known.keys()
  assert.equal(known.areAmong(keys), true)
  assert.equal(known.areAmong(new Set([...keys].filter((key) => key % 3 !== 0))), true)
  assert.equal(known.areAmong(new Set([-1])), false)
  assert.equal(known.areAmong(new Set([...keys].filter((key) => key >= 0))), false)
})

test('where there were no rows there is nothing to find', () => {
  assert.equal(new KnownRows().areAmong(new Set()), true)
})
