// Loaded into every thread of a worker under test (--import): does what its test asks for with files in a directory.
// `crash-*` and `fill-heap-*`: the first task thread (or the log's owner for `crash-log-*`) that takes the file throws,
// or uses up its heap. `clock`: by how many milliseconds the wall clock is wrong; clocks that only measure stay right.
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { threadName } from 'node:worker_threads'

const ASKED_MS = 50
const directory = process.env['TAILRACE_TEST_AGENT']!
const name = threadName ?? ''
const prefixes = name.startsWith('tailrace-tasks') ? ['crash-task', 'fill-heap'] : name === 'tailrace-log' ? ['crash-log'] : [] // prettier-ignore
const now = Date.now.bind(Date)
const RealDate = Date
let movedMs = 0

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: [], self) =>
    Reflect.construct(
      target,
      args.length === 0 ? [now() + movedMs] : args,
      self === globalThis.Date ? target : self,
    ) as object,
  apply: () => new RealDate(now() + movedMs).toString(),
  get: (target, property) =>
    property === 'now' ? () => now() + movedMs : (Reflect.get(target, property) as unknown),
})

setInterval(() => {
  for (const file of files()) {
    if (file === 'clock') movedMs = Number(readFileSync(join(directory, file), 'utf8'))
    else if (prefixes.some((prefix) => file.startsWith(prefix)) && taken(file)) obey(file)
  }
}, ASKED_MS).unref()

function files(): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Each file is taken once, by one thread. */
function taken(file: string): boolean {
  try {
    rmSync(join(directory, file))
    return true
  } catch {
    return false
  }
}

function obey(file: string): void {
  if (!file.startsWith('fill-heap')) throw new Error('A test has this thread crash')
  const kept: object[] = []
  for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })))
}
