import { counted } from '../../api/counted.ts'
import { needsAttention, type ConnectorReport } from './connector-report.ts'
import { bytesText, countText, durationText, rateText } from './numbers.ts'
import { padded, printable, widthOf, wrapped } from './terminal-text.ts'

export type Colour = 'bold' | 'dim' | 'green' | 'yellow' | 'red'

/** How lines are to look. */
export interface Appearance {
  readonly paint: (colour: Colour, text: string) => string
  /** Places in a line; what is longer is broken. */
  readonly width: number
  /** Of an error. */
  readonly mostLines: number
}

const HEADS = ['CONNECTOR', 'TYPE', 'STATE', 'TASKS', 'RECORDS/S', 'LAG', 'BEHIND', 'WAL KEPT', 'FAILURES']
/** Words before numbers. */
const LEFT_COLUMNS = 4
const GAP = '  '
const INDENT = '    '
const COLOURS: Readonly<Record<string, Colour>> = {
  RUNNING: 'green',
  FAILED: 'red',
  RESTARTING: 'yellow',
  UNASSIGNED: 'yellow',
}

/** A table of connectors; below each what is wrong with it, and how far its snapshot is. */
export function statusLines(reports: readonly ConnectorReport[], appearance: Appearance): string[] {
  const { paint } = appearance
  if (reports.length === 0) return ['No connectors']
  const rows = reports.map(cellsOf)
  const widths = HEADS.map((head, column) =>
    Math.max(head.length, ...rows.map((cells) => widthOf(cells[column]!))),
  )
  const line = (cells: readonly string[], colour: (column: number) => Colour | null): string =>
    cells
      .map((cell, column) => {
        const text = padded(cell, widths[column]!, column < LEFT_COLUMNS ? 'right' : 'left')
        const painted = colour(column)
        return painted === null ? text : paint(painted, text)
      })
      .join(GAP)
      .trimEnd()
  return [
    line(HEADS, () => 'dim'),
    ...reports.flatMap((report, index) => [
      line(rows[index]!, (column) =>
        column === 0 ? 'bold' : column === 2 ? (COLOURS[worstState(report)] ?? null) : null,
      ),
      ...details(report, appearance),
    ]),
  ]
}

/** The same of one connector on one line, for who reads lines. What is not known is not said. */
export function statusLine(report: ConnectorReport): string {
  const { name, type, state, tasks, records_per_second: rate, lag_records: lag } = report
  const numbers = [
    rate === null ? '' : `${rateText(rate)} records/s`,
    lag === null ? '' : `lag: ${counted(countText(lag), 'record')}`,
    report.lag_bytes === null ? '' : `lag: ${bytesText(report.lag_bytes)}`,
    report.lag_ms === null ? '' : `behind: ${durationText(report.lag_ms)}`,
    report.retained_wal_bytes === null ? '' : `WAL kept: ${bytesText(report.retained_wal_bytes)}`,
    report.snapshot === null ? '' : snapshotText(report.snapshot),
    ...troubles(report).map(([, text]) => text),
  ]
  const states = tasks.map((task) => task.state).join(' ') || 'none'
  return [printable(name), type, state, `tasks: ${states}`, ...numbers.filter((text) => text !== '')].join(
    '\t',
  )
}

/** A connector that runs with a task that failed is no running one. */
function worstState({ state, tasks }: ConnectorReport): string {
  const bad = ['FAILED', 'RESTARTING', 'UNASSIGNED']
  return bad.find((worst) => state === worst || tasks.some((task) => task.state === worst)) ?? state
}

function cellsOf(report: ConnectorReport): string[] {
  const { name, type, tasks, lag_bytes: bytes, lag_records: records } = report
  const running = tasks.filter((task) => task.state === 'RUNNING').length
  return [
    printable(name),
    type,
    worstState(report),
    `${running}/${tasks.length}`,
    rateText(report.records_per_second),
    bytes === null ? countText(records) : bytesText(bytes),
    durationText(report.lag_ms),
    bytesText(report.retained_wal_bytes),
    countText(report.record_failures),
  ]
}

function details(report: ConnectorReport, { paint, width, mostLines }: Appearance): string[] {
  const said: readonly (readonly [Colour, string])[] = [
    ...troubles(report),
    ...(report.snapshot === null ? [] : [['dim', snapshotText(report.snapshot)] as const]),
  ]
  return said.flatMap(([colour, text]) =>
    wrapped(text, Math.max(20, width - INDENT.length), mostLines).map((part) => INDENT + paint(colour, part)),
  )
}

function troubles(report: ConnectorReport): (readonly [Colour, string])[] {
  if (!needsAttention(report)) return []
  const { trace, tasks, problems } = report
  const said = [
    ...(trace === null ? [] : [['red', rootCause(trace)] as const]),
    ...tasks.flatMap((task): (readonly [Colour, string])[] => {
      const colour = task.state === 'FAILED' ? 'red' : 'yellow'
      const what = `task ${task.id} ${task.state.toLowerCase()}`
      if (task.trace !== undefined) return [[colour, `${what}: ${rootCause(task.trace)}`]]
      return task.waits_for === undefined
        ? []
        : [['yellow', `task ${task.id} waits: ${printable(task.waits_for)}`]]
    }),
  ]
  // What is wrong is told by what failed, where something has.
  return said.length > 0 ? said : problems.map((problem) => ['yellow', printable(problem)] as const)
}

/** The message of the last cause in a trace, without the class before it. */
function rootCause(trace: string): string {
  const causes = trace.split('\n').filter((line) => !/^\s+at /.test(line))
  const last = causes.findLast((line) => line.startsWith('Caused by: ')) ?? causes[0] ?? ''
  return printable(last.replace(/^Caused by: /, '').replace(/^[\w.$]+(?:Exception|Error): /, ''))
}

function snapshotText({ rows, expected_rows: expected }: NonNullable<ConnectorReport['snapshot']>): string {
  return `snapshot: ${countText(rows)}${expected === null ? '' : ` of about ${countText(expected)}`} rows`
}
