import { setTimeout as delay } from 'node:timers/promises'
import { counted } from '../../api/counted.ts'
import { describeError } from '../../api/errors.ts'
import { withShutdown } from '../with-shutdown.ts'
import { unreachable } from '../worker-client.ts'
import { appearance, paint } from './appearance.ts'
import { needsAttention } from './connector-report.ts'
import { bytesText } from './numbers.ts'
import { statusLine, statusLines } from './status-text.ts'
import { TerminalScreen } from './terminal-screen.ts'
import { printable } from './terminal-text.ts'
import { workerEvents } from './worker-events.ts'
import { WorkerState } from './worker-state.ts'

const FIRST_PAUSE_MS = 500
const MOST_PAUSE_MS = 5_000
/** Of an error, so that others are seen too. */
const MOST_LINES = 3

/** What is watched, and what is known of it. */
interface Watch {
  readonly url: string
  /** Empty: all. */
  readonly names: readonly string[]
  readonly state: WorkerState
  /** Why the worker tells nothing now. Null: it does. */
  lost: string | null
}

/**
 * `tailrace connectors watch`: how connectors do, as it changes, until it is told to end. A terminal shows all of them; what
 * reads lines gets one for each that changed. Throws where there is no worker or no such connector; one that goes is waited for.
 */
export async function watchConnectors(names: readonly string[], url: string): Promise<void> {
  const watch: Watch = { url, names, state: new WorkerState(), lost: null }
  await withShutdown(async (signal, closers) => {
    if (!process.stdout.isTTY || process.env['TERM'] === 'dumb')
      return follow(watch, signal, printingChanges(watch))
    // Begun by the first answer: that there is none is said where the command was typed.
    let screen: TerminalScreen | null = null
    closers.push(async () => screen?.[Symbol.dispose]())
    await follow(watch, signal, () => {
      screen ??= new TerminalScreen(process.stdout, () => picture(watch))
      screen.draw()
    })
  })
}

async function follow(watch: Watch, signal: AbortSignal, onChange: () => void): Promise<void> {
  const { url, names, state } = watch
  let hasBegun = false
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS)) {
    try {
      for await (const event of workerEvents(url, signal)) {
        state.take(event)
        if (event.name === 'worker') continue
        if (!hasBegun) state.requireConnectors(names)
        hasBegun = true
        watch.lost = null
        pauseMs = FIRST_PAUSE_MS
        onChange()
      }
      throw unreachable(url, 'It has ended what it was telling')
    } catch (error) {
      if (signal.aborted || !hasBegun) throw error
      watch.lost = printable(describeError(error))
    }
    onChange()
    await delay(pauseMs, undefined, { signal })
  }
}

function picture({ url, names, state, lost }: Watch): string[] {
  const reports = state.reports(names)
  const troubled = reports.filter(needsAttention).length
  const facts = [
    `tailrace ${state.version} at ${url}`,
    counted(reports.length, 'connector'),
    troubled === 0 ? paint('green', 'all well') : paint('red', `${troubled} need attention`),
    `${bytesText(state.memoryBytes)} of memory`,
  ]
  return [
    facts.join(' · '),
    lost === null ? '' : paint('red', `${lost}; trying again`),
    ...statusLines(reports, appearance(MOST_LINES)),
  ]
}

/** Writes a line for each connector that is not as it was; what nobody has read yet is not added to. */
function printingChanges(watch: Watch): () => void {
  const told = new Map<string, string>()
  let toldLost: string | null = null
  return () => {
    const { state, names, lost } = watch
    if (lost !== null && toldLost === null) process.stderr.write(`${lost}; trying again\n`)
    toldLost = lost
    if (lost !== null || process.stdout.writableNeedDrain) return
    const reports = state.reports(names)
    const lines = new Map(reports.map((report) => [report.name, statusLine(report)]))
    const changed = [...lines].filter(([name, line]) => told.get(name) !== line)
    const removed = [...told.keys()].filter((name) => !lines.has(name))
    for (const name of removed) told.delete(name)
    for (const [name, line] of changed) told.set(name, line)
    const time = new Date().toISOString()
    const text = [
      ...changed.map(([, line]) => `${time}\t${line}\n`),
      ...removed.map((name) => `${time}\t${printable(name)}\tdeleted\n`),
    ]
    if (text.length > 0) process.stdout.write(text.join(''))
  }
}
