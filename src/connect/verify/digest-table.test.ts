import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DigestTable, hashName, nameKey } from './digest-table.ts'

function named(id: number, index = 'items') {
  const name = { low: 0, high: 0 }
  hashName({ index, id: String(id) }, name)
  return name
}

test('a table tells what is the same, different, unknown and missing, also after it has grown', () => {
  const table = new DigestTable(10)
  const count = 20_000
  for (let id = 0; id < count; id++) table.set(named(id), { low: id, high: 0 })
  assert.equal(table.size, count)
  const met = { same: 0, different: 0, unknown: 0 }
  for (let id = 5; id < count + 7; id++)
    met[table.meet(named(id), { low: id - (id % 1000 === 0 ? 1 : 0), high: 0 })]++
  assert.deepEqual(met, { same: count - 5 - 19, different: 19, unknown: 7 })
  const missing = new Set([...table.missing()].map(nameKey))
  assert.deepEqual(missing, new Set([0, 1, 2, 3, 4].map((id) => nameKey(named(id)))))
})

test('names of many documents share no key', () => {
  const keys = new Set<number>()
  for (let id = 0; id < 50_000; id++) keys.add(nameKey(named(id))).add(nameKey(named(id, 'others')))
  assert.equal(keys.size, 100_000)
})
