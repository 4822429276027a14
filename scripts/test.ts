// npm test [-- PATTERN ...]: runs the test files whose path contains one of the patterns, or all of them.
//
// A file's name says what it needs: `x.test.ts` nothing, `x.pg.test.ts` PostgreSQL from npm, `x.pg15.test.ts` Debian's
// PostgreSQL 15, `x.es.test.ts` Elasticsearch, `x.opensearch.test.ts` OpenSearch, `x.kafka.test.ts` Kafka, `x.curl.test.ts` curl, `x.openssl.test.ts` openssl, `x.python.test.ts` Python 3, `x.keytool.test.ts` Java's keytool, `x.jdk.test.ts` a Java compiler, `x.chromium.test.ts` Chromium, `x.promtool.test.ts` Prometheus, `x.tmpfs.test.ts` the right to
// mount a small disk; `x.pg15.es.test.ts` two of them. `x.alone.test.ts` measures, and runs while nothing else does. What
// this machine cannot run is listed at the end; with CI=true it fails the run.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { missingForChromium } from '../test/console/browser.ts'
import { missingForJavaCompiler, missingForJavaServers, missingForOpenSearch } from '../test/servers/java.ts'
import { startSharedKafka } from '../test/servers/kafka.ts'
import { missingForPython } from '../test/servers/foreign-tools.ts'
import { missingForPostgres } from '../test/servers/postgres.ts'
import { missingForSmallDisk } from '../test/servers/small-disk.ts'
import { TestSchedule } from './test-schedule.ts'

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
  jdk: missingForJavaCompiler,
  keytool: () => missingProgram('keytool', '-help'),
  promtool: () => missingProgram('prometheus', '--version') ?? missingProgram('promtool', '--version'),
}
type TestEvent = ReturnType<typeof run> extends AsyncIterable<infer Event> ? Event : never

/** Large doses of some tests need more: TAILRACE_TEST_DEADLINE_MINUTES=60. */
const FILE_DEADLINE_MS = Number(process.env['TAILRACE_TEST_DEADLINE_MINUTES'] ?? 10) * 60_000

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
const schedule = new TestSchedule(toRun)
const usersOfKafka = toRun.filter((file) => file.includes('.kafka.'))
const sharedServer = usersOfKafka.length > 1 ? await startSharedKafka() : null
await schedule.run(runFile)
await sharedServer?.[Symbol.asyncDispose]()
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
if (toRun.length > 20) {
  const slowest = schedule.slowest(toRun, 10).map(([file, seconds]) => `${file} ${seconds} s`)
  console.log(`The longest: ${slowest.join(', ')}`)
}
const isIncomplete = leftOut.length > 0 || counts.skipped > 0
if (process.env['CI'] === 'true' && isIncomplete) console.log('With CI=true nothing may be left out.')
process.exit(counts.failed > 0 || (process.env['CI'] === 'true' && isIncomplete) ? 1 : 0)

function missingProgram(name: string, ...args: readonly string[]): string | null {
  return spawnSync(name, args, { stdio: 'ignore' }).status === 0 ? null : name
}

function needsOf(file: string): string[] {
  return file.split('.').filter((part) => Object.hasOwn(needs, part))
}

/** What it tells is written at its end, so that files that run beside each other do not mix. */
async function runFile(file: string): Promise<void> {
  const told: TestEvent[] = []
  const events = run({
    files: [file],
    concurrency: 1,
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
    told.push(event)
  }
  for (const event of told) reporter.write(event)
}
