import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { withTable } from '../faults/page-table.ts'
import { readSoaks, soakTable } from '../faults/soak/results.ts'

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

describe('the soak in docs/reliability.md', () => {
  test('has the table that soak-*.json give (npm run soak -- --record writes both)', () => {
    const page = read('reliability.md')
    assert.equal(page, withTable(page, soakTable(readSoaks())))
  })
})
