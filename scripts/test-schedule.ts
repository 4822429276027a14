import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { testCache } from '../test/servers/test-cache.ts'

/** They measure: nobody runs beside them. */
const ALONE = /\.alone\./
/** They start a JVM or a browser, which takes half a gigabyte and all processors while it starts. */
const LARGE = /\.(es|opensearch|kafka|chromium)\./
const MOST_LARGE = 2
/** Test files wait more than they work: one more than there are processors keeps these busy. */
const AT_ONCE = Math.max(3, availableParallelism() + 1)

/** Seconds that a file of a kind takes, where nobody has measured it yet. The first that fits. */
const GUESSES: readonly (readonly [RegExp, number])[] = [
  [/^test[/\\]faults[/\\]/, 40],
  [/^test[/\\](e2e|conformance|console)[/\\].*\.(es|kafka|pg15|chromium)\./, 30],
  [LARGE, 20],
  [/^test[/\\](e2e|deploy|plugins|clients)[/\\]/, 15],
  [/\.pg/, 6],
  [/./, 1],
]

/**
 * Which test file runs when. The longest come first, by what they took the last time on this machine, so that nobody
 * waits for a straggler at the end.
 */
export class TestSchedule {
  readonly #waiting: string[]
  readonly #running = new Set<string>()
  readonly #seconds: Record<string, number>

  constructor(files: readonly string[]) {
    this.#seconds = readSeconds()
    this.#waiting = [...files].sort((a, b) => this.#guess(b) - this.#guess(a))
  }

  /** What `run` does for each file; resolves when all are done. */
  async run(run: (file: string) => Promise<void>): Promise<void> {
    const worked = Promise.withResolvers<undefined>()
    const begin = (): void => {
      if (this.#waiting.length === 0 && this.#running.size === 0) worked.resolve(undefined)
      for (let file = this.#next(); file !== null; file = this.#next()) {
        const started = file
        const startMs = performance.now()
        this.#running.add(started)
        run(started).then(() => {
          this.#running.delete(started)
          this.#seconds[started] = Math.round((performance.now() - startMs) / 100) / 10
          begin()
        }, worked.reject)
      }
    }
    begin()
    await worked.promise
    writeSeconds(this.#seconds)
  }

  /** The files of this run that took longest, and their seconds. */
  slowest(files: readonly string[], count: number): readonly (readonly [string, number])[] {
    const timed = files.map((file) => [file, this.#seconds[file] ?? 0] as const)
    return timed.sort((a, b) => b[1] - a[1]).slice(0, count)
  }

  /** Takes the first that may begin now; null: none may. */
  #next(): string | null {
    const running = [...this.#running]
    if (running.length >= AT_ONCE || running.some((file) => ALONE.test(file))) return null
    const large = running.filter((file) => LARGE.test(file)).length
    const place = this.#waiting.findIndex(
      (file) => (!ALONE.test(file) || running.length === 0) && (!LARGE.test(file) || large < MOST_LARGE),
    )
    return place < 0 ? null : this.#waiting.splice(place, 1)[0]!
  }

  /** Those that run alone go first of all: at the end they would wait for the others, and keep others waiting. */
  #guess(file: string): number {
    if (ALONE.test(file)) return Infinity
    return this.#seconds[file] ?? GUESSES.find(([pattern]) => pattern.test(file))![1]
  }
}

const TIMES = join(testCache(), 'test-times.json')

function readSeconds(): Record<string, number> {
  if (!existsSync(TIMES)) return {}
  try {
    return JSON.parse(readFileSync(TIMES, 'utf8')) as Record<string, number>
  } catch {
    // Two runs wrote it at the same time: the guesses will do.
    return {}
  }
}

function writeSeconds(seconds: Readonly<Record<string, number>>): void {
  mkdirSync(dirname(TIMES), { recursive: true })
  writeFileSync(TIMES, JSON.stringify(seconds, null, 1))
}
