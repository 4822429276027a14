import { join } from 'node:path'
import { run } from 'node:test'
import type { Threat } from './threat-model.ts'

/** What came of a test. */
export type Outcome =
  | { readonly kind: 'passed'; readonly tests: number }
  /** It has noticed something. */
  | { readonly kind: 'failed'; readonly why: string }
  /** Not the test has failed but what is around it: the program does not run as it should. */
  | { readonly kind: 'broken'; readonly why: string }

type TestEvent = ReturnType<typeof run> extends AsyncIterable<infer Event> ? Event : never
type Failure = Extract<TestEvent, { type: 'test:fail' }>['data']

/** What a program does that was changed badly. */
const BROKEN =
  /^(?:SyntaxError|ReferenceError|TypeError)$|ERR_MODULE_NOT_FOUND|ERR_(?:UNSUPPORTED|INVALID)_TYPESCRIPT/

/** Runs the test of a row alone, in the tree that lies in `root`. */
export async function runNamedTest(
  root: string,
  { testFile, testName }: Pick<Threat, 'testFile' | 'testName'>,
  timeoutMs: number,
): Promise<Outcome> {
  const title = testName
    .split(/\$\{[^}]*\}/)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*')
  const deadline = AbortSignal.timeout(timeoutMs)
  const events = run({
    cwd: root,
    files: [join(root, testFile)],
    testNamePatterns: [new RegExp(`${title}$`)],
    signal: deadline,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  let passed = 0
  const failures: Failure[] = []
  for await (const event of events) {
    if (event.type === 'test:fail') failures.push(event.data)
    // A file without such a test passes by itself.
    else if (
      event.type === 'test:pass' &&
      event.data.details.type === 'test' &&
      event.data.skip === undefined
    )
      passed += new RegExp(`${title}$`).test(event.data.name) ? 1 : 0
  }
  const found = failures.map(reasonOf)
  const noticed = found.find(({ kind }) => kind === 'failed')
  if (noticed !== undefined) return noticed
  if (deadline.aborted) return { kind: 'failed', why: 'it did not come to an end' }
  if (found.length > 0) return found[0]!
  return passed > 0 ? { kind: 'passed', tests: passed } : { kind: 'broken', why: 'there is no such test' }
}

function reasonOf({ name, details: { error } }: Failure): Outcome {
  const { failureType, cause } = error as Error & { readonly failureType?: string }
  const said = (cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)).split('\n')[0]!
  const why = `${name}: ${said}`
  if (failureType === 'testTimeoutFailure')
    return { kind: 'failed', why: `${name}: it did not come to an end` }
  // Of a file or a suite that only repeats what its tests say, or of one that could not be read.
  if (!(cause instanceof Error) || failureType === 'subtestsFailed') return { kind: 'broken', why }
  const code = 'code' in cause ? String(cause.code) : ''
  return { kind: BROKEN.test(cause.name) || BROKEN.test(code) ? 'broken' : 'failed', why }
}
