// npm run docs: writes the pages of docs/ that come from the code.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { errorPage } from './error-page.ts'
import { measuredPlot } from './measured-plot.ts'
import { referencePages } from './reference-pages.ts'
import { soakPlot } from './soak-plot.ts'
import { writeSoakTable } from '../test/faults/soak/results.ts'

const docs = new URL('../docs/', import.meta.url)
writeFileSync(new URL('errors.md', docs), errorPage())
writeFileSync(new URL('comparison.svg', docs), measuredPlot())
writeFileSync(new URL('soak.svg', docs), soakPlot())
writeSoakTable()

const reference = new URL('reference/', docs)
mkdirSync(reference, { recursive: true })
const pages = await referencePages()
for (const file of readdirSync(reference)) if (!pages.has(file)) rmSync(new URL(file, reference))
for (const [file, text] of pages) writeFileSync(new URL(file, reference), text)
