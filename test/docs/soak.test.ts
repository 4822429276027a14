import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { soakPlot } from '../../scripts/soak-plot.ts'
import { withTable } from '../faults/page-table.ts'
import { readSoaks, soakTable } from '../faults/soak/results.ts'
import { risesOf } from '../faults/soak/verdict.ts'

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

describe('the soak in docs/reliability.md', () => {
  test('has the table that soak-*.json give (npm run soak -- --record writes both, npm run docs the table)', () => {
    const page = read('reliability.md')
    assert.equal(page, withTable(page, soakTable(readSoaks())))
  })

  test('has the plot of these figures', () => {
    assert.equal(read('soak.svg'), soakPlot())
  })

  test('tells of runs of half an hour at 5,000 changes a second, of which nothing that was kept has risen', () => {
    for (const { minutes, rate, changes, points } of readSoaks()) {
      assert.ok(minutes >= 30 && rate >= 5000 && changes >= minutes * 60 * rate * 0.99)
      assert.ok(points.length <= 60)
      assert.deepEqual(risesOf(points), [])
    }
  })
})
