// npm run threats -- [--only TEXT] [--part K/N]: takes the protections of docs/threat-model.md out, one after the other, in a
// copy of this checkout, and runs the test that the row names: it has to fail, after it has passed with the protection in
// place. TEXT is a part of what could be done, of what is taken out or of the test's file; K/N is the Kth of N parts.
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Protection } from '../test/security/protection.ts'
import { PROTECTIONS } from '../test/security/protections.ts'
import { runNamedTest, type Outcome } from '../test/security/run-named-test.ts'
import { readThreats, type Threat } from '../test/security/threat-model.ts'
import { TreeCopy } from '../test/security/tree-copy.ts'

const WHOLE_TIMEOUT_MS = 5 * 60_000
/** A test without its protection may wait for what never comes: so much longer than it took with it. */
const EXTRA_MS = 20_000

interface Intact {
  readonly outcome: Outcome
  readonly ms: number
}

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, part: { type: 'string', default: '1/1' } },
})
const [part = 1, parts = 1] = values.part.split('/').map(Number)
const threats = new Map(readThreats().map((threat) => [threat.threat, threat]))
const chosen = PROTECTIONS.filter(({ threat, without }) =>
  `${threat}\n${without}\n${threats.get(threat)?.testFile}`.includes(values.only),
).filter((_, i) => i % parts === part - 1)
if (chosen.length === 0) {
  console.error('Usage: npm run threats -- [--only TEXT] [--part K/N]: nothing is chosen by these')
  process.exit(2)
}
// The copy goes with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
using copy = new TreeCopy(fileURLToPath(new URL('..', import.meta.url)))
process.once('exit', () => copy[Symbol.dispose]())
const intact = new Map<string, Intact>()
const unnoticed: string[] = []

for (const protection of chosen) {
  const threat = threats.get(protection.threat)!
  const startMs = performance.now()
  const problem = await tryOut(threat, protection)
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  const what = `${threat.threat} | without: ${protection.without} | ${threat.testFile}`
  console.log(`${problem === null ? '✔' : '✖'} ${what} (${seconds} s)`)
  if (problem === null) continue
  console.log(`  ${problem}`)
  unnoticed.push(what)
}
console.log(
  `\n${chosen.length - unnoticed.length} of ${chosen.length} protections were missed by their tests`,
)
for (const what of unnoticed) console.log(`✖ ${what}`)
process.exitCode = unnoticed.length > 0 ? 1 : 0

/** What is wrong with the test or the change; null: the test fails without the protection. */
async function tryOut(threat: Threat, protection: Protection): Promise<string | null> {
  const { outcome, ms } = await withProtection(threat)
  if (outcome.kind !== 'passed') return `the test fails with the protection in place: ${outcome.why}`
  using _ = copy.without(protection)
  const without = await runNamedTest(copy.path, threat, Math.ceil(3 * ms) + EXTRA_MS)
  switch (without.kind) {
    case 'failed':
      return null
    case 'broken':
      return `what was changed does not run: ${without.why}`
    case 'passed':
      return 'the test does not notice'
  }
}

async function withProtection(threat: Threat): Promise<Intact> {
  const key = `${threat.testFile}: ${threat.testName}`
  const known = intact.get(key)
  if (known !== undefined) return known
  const startMs = performance.now()
  const outcome = await runNamedTest(copy.path, threat, WHOLE_TIMEOUT_MS)
  const found = { outcome, ms: performance.now() - startMs }
  intact.set(key, found)
  return found
}
