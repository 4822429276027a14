// npm run soak -- [--log embedded|kafka] [--minutes M] [--rate N] [--record]: a table that changes N times a second, and
// its mirror in Elasticsearch; memory, descriptors, threads, disk and latency of the worker have to stay flat, and the
// index has to be right. --record keeps the figures in docs/soak-LOG.json, and makes table and plot of docs/reliability.md.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { recordSoak, writeSoakTable } from '../test/faults/soak/results.ts'
import { runSoak } from '../test/faults/soak/run-soak.ts'
import { risesOf } from '../test/faults/soak/verdict.ts'
import { soakPlot } from './soak-plot.ts'

const { values } = parseArgs({
  options: {
    log: { type: 'string', default: 'embedded' },
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '5000' },
    record: { type: 'boolean', default: false },
  },
})
const { log } = values
const [minutes, rate] = [values.minutes, values.rate].map(Number) as [number, number]
/** A third has to have some samples. */
const LEAST_MINUTES = 1
if ((log !== 'embedded' && log !== 'kafka') || !(minutes >= LEAST_MINUTES) || !(rate > 0)) {
  console.error('Usage: npm run soak -- [--log embedded|kafka] [--minutes 30] [--rate 5000] [--record]')
  process.exit(2)
}
// Servers of a run go with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const plan = { log, search: 'elasticsearch', minutes, rate, rows: 100_000, sampleMs: 10_000 } as const
const result = await runSoak(plan, (sample) => console.log(JSON.stringify(sample)))
const rises = risesOf(result.samples)
console.log(`${result.changes} changes, ${result.differences.length} rows or documents differ`)
for (const difference of result.differences.slice(0, 10)) console.log(`✖ ${difference}`)
for (const { figure, middle, end, allowed } of rises) {
  console.log(`✖ ${figure} rose from ${middle} to ${end}, by more than ${Math.round(allowed * 10) / 10}`)
}
if (result.differences.length + rises.length > 0) process.exit(1)
if (values.record) {
  recordSoak(result)
  writeSoakTable()
  writeFileSync(new URL('../docs/soak.svg', import.meta.url), soakPlot())
}
process.exit(0)
