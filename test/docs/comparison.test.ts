import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { measuredPlot } from '../../scripts/measured-plot.ts'
import { measured, measuredTable } from '../../scripts/measured.ts'

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

describe('docs/comparison.md', () => {
  test('has the figures of measured.json, and no others, in its first table', () => {
    const [table] = /^\| [^]*?\n(?=\n)/m.exec(read('comparison.md'))!
    assert.equal(table, measuredTable(measured()))
  })

  test('has the plot of these figures (npm run docs draws it)', () => {
    assert.equal(read('comparison.svg'), measuredPlot())
  })
})
