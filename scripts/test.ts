// npm test [-- PATTERN ...]: runs the test files whose path contains one of the patterns, or all of them.
//
// A file's name says what it needs: `x.test.ts` nothing, `x.pg.test.ts` PostgreSQL from npm, `x.pg15.test.ts` Debian's
// PostgreSQL 15, `x.es.test.ts` Elasticsearch, `x.opensearch.test.ts` OpenSearch, `x.kafka.test.ts` Kafka, `x.curl.test.ts` curl, `x.openssl.test.ts` openssl, `x.python.test.ts` Python 3, `x.keytool.test.ts` Java's keytool, `x.chromium.test.ts` Chromium, `x.tmpfs.test.ts` the right to
// mount a small disk; `x.pg15.es.test.ts` two of them. What this machine cannot run is listed at the end; with CI=true it
// fails the run.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { missingForChromium } from '../test/console/browser.ts'
import { missingForJavaServers, missingForOpenSearch } from '../test/servers/java.ts'
import { missingForPython } from '../test/servers/foreign-tools.ts'
import { missingForPostgres } from '../test/servers/postgres.ts'
import { missingForSmallDisk } from '../test/servers/small-disk.ts'

const needs: Readonly<Record<string, () => Promise<string | null> | string | null>> = {
  pg: () => missingForPostgres(18),
  pg15: () => missingForPostgres(15),
  es: missingForJavaServers,
  opensearch: missingForOpenSearch,
  kafka: missingForJavaServers,
  tmpfs: missingForSmallDisk,
  curl: () => missingProgram('curl', '--version'),
  openssl: () => missingProgram('openssl', 'version'),
  python: missingForPython,
  chromium: missingForChromium,
  keytool: () => missingProgram('keytool', '-help'),
}
/** Files that start a JVM, whole workers, or measure: they run one at a time, after the others. */
const HEAVY = /\.(es|kafka|chromium)\.|^test[/\\](e2e|faults)[/\\]/
const FILE_DEADLINE_MS = 10 * 60_000

const patterns = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'])
  .sort()
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
if (files.length === 0) {
  console.error(`No test file matches ${patterns.join(' ')}`)
  process.exit(1)
}

const missing = new Map<string, string>()
for (const need of new Set(files.flatMap(needsOf))) {
  const what = await needs[need]!()
  if (what !== null) missing.set(need, what)
}
const leftOut = files.filter((file) => needsOf(file).some((need) => missing.has(need)))
const toRun = files.filter((file) => !leftOut.includes(file))
const startMs = performance.now()
const counts = { passed: 0, failed: 0, skipped: 0 }
const failures: string[] = []

const reporter = new spec()
reporter.pipe(process.stdout)
await runFiles(
  toRun.filter((file) => !HEAVY.test(file)),
  Math.min(2, availableParallelism()),
)
await runFiles(
  toRun.filter((file) => HEAVY.test(file)),
  1,
)
await new Promise<void>((resolve) => reporter.end(resolve))

for (const name of failures) console.log(`✖ ${name}`)
for (const [need, what] of missing) {
  const files = leftOut.filter((file) => needsOf(file).includes(need))
  console.log(`\nNot run, for want of ${what}:\n  ${files.join('\n  ')}`)
}
const seconds = ((performance.now() - startMs) / 1000).toFixed(0)
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
console.log(
  `\n${counts.passed} passed, ${counts.failed} failed${skipped} (${toRun.length} files, ${seconds} s)`,
)
const isIncomplete = leftOut.length > 0 || counts.skipped > 0
if (process.env['CI'] === 'true' && isIncomplete) console.log('With CI=true nothing may be left out.')
process.exit(counts.failed > 0 || (process.env['CI'] === 'true' && isIncomplete) ? 1 : 0)

function missingProgram(name: string, ...args: readonly string[]): string | null {
  return spawnSync(name, args, { stdio: 'ignore' }).status === 0 ? null : name
}

function needsOf(file: string): string[] {
  return file.split('.').filter((part) => Object.hasOwn(needs, part))
}

async function runFiles(files: readonly string[], concurrency: number): Promise<void> {
  if (files.length === 0) return
  const events = run({
    files,
    concurrency,
    timeout: FILE_DEADLINE_MS,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  for await (const event of events) {
    if (event.type === 'test:summary' || (event.type === 'test:diagnostic' && event.data.nesting === 0))
      continue
    // A file is an event, too, when it fails outside of its tests; suites only repeat what their tests say.
    if (event.type === 'test:fail' && event.data.details.type !== 'suite') {
      counts.failed++
      failures.push(`${event.data.file ?? ''}: ${event.data.name}`)
    } else if (event.type === 'test:pass' && event.data.details.type !== 'suite') {
      if (event.data.skip !== undefined || event.data.todo !== undefined) counts.skipped++
      else counts.passed++
    }
    if (!reporter.write(event)) await new Promise((resolve) => reporter.once('drain', resolve))
  }
}
