import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { FAULTS } from '../faults/schedules/fault-catalogue.ts'
import { readResults, withTables } from '../faults/schedules/results.ts'

describe('docs/reliability.md', () => {
  const page = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8')

  test('has the tables that reliability.json gives (npm run faults -- --record writes both)', () => {
    assert.equal(page, withTables(page, readResults()))
  })

  test('counts only faults that there are', () => {
    const { embedded, kafka } = readResults()
    const counted = [...Object.keys(embedded.faults), ...Object.keys(kafka.faults)]
    assert.deepEqual(
      counted.filter((name) => !FAULTS.some((fault) => fault.name === name)),
      [],
    )
  })
})
