// npm run fuzz -- [TARGET ...] [--runs N] [--seed N]: gives the parsers nearly well-formed input, and stops at the first
// that is not read as it should be. Without targets: all of them. With a seed of an earlier run: the same inputs again.
import { parseArgs } from 'node:util'
import { FUZZ_TARGETS, type FuzzTargetName } from '../test/fuzz/fuzz-target.ts'
import { runFuzz } from '../test/fuzz/run-fuzz.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
})
const runs = Number(values.runs)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const names = positionals.length > 0 ? positionals : Object.keys(FUZZ_TARGETS)
const unknown = names.filter((name) => !Object.hasOwn(FUZZ_TARGETS, name))
if (unknown.length > 0 || !Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  console.error(
    `Usage: npm run fuzz -- [TARGET ...] [--runs N] [--seed N]\nTargets: ${Object.keys(FUZZ_TARGETS).join(', ')}`,
  )
  process.exit(2)
}

for (const name of names as FuzzTargetName[]) {
  const startMs = performance.now()
  const tell = (done: number, end: string): void => {
    const rate = Math.round(done / ((performance.now() - startMs) / 1000))
    process.stdout.write(
      `${process.stdout.isTTY ? '\r' : ''}${name}: ${done} of ${runs}, ${rate}/s, seed ${seed}${end}`,
    )
  }
  try {
    const onProgress = process.stdout.isTTY ? (done: number): void => tell(done, '   ') : () => undefined
    await runFuzz(name, { runs, seed, onProgress })
    tell(runs, '\n')
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}\nSeed ${seed}`)
    process.exit(1)
  }
}
