// npm run check: everything that CI checks without running the tests.
import { spawnSync } from 'node:child_process'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const steps: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['types of the console', 'tsc', '-p', 'ui/tsconfig.json'],
  ['lint', 'oxlint', '--type-aware', '--quiet'],
  ['format', 'prettier', '--check', '--log-level=warn', '.'],
  ['dead code', 'knip'],
  ['licences', 'node', '--disable-warning=ExperimentalWarning', 'scripts/check-licences.ts'],
  ['advisories', 'node', '--disable-warning=ExperimentalWarning', 'scripts/check-advisories.ts'],
  ['machine paths', 'node', '--disable-warning=ExperimentalWarning', 'scripts/check-machine-paths.ts'],
]

// This checkout's programs, run by this checkout's Node.js.
const env = { ...process.env, PATH: `${root}node_modules/.bin${delimiter}${process.env['PATH'] ?? ''}` }
const failed: string[] = []
for (const [name, program, ...args] of steps) {
  const startMs = performance.now()
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env })
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  console.log(`${status === 0 ? '✔' : '✖'} ${name} (${seconds} s)`)
  if (status !== 0) failed.push(name)
}
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`)
process.exit(failed.length > 0 ? 1 : 0)
