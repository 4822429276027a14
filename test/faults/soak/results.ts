import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { withTable } from '../page-table.ts'
import type { SoakResult } from './run-soak.ts'
import { medianSample, mostSample, thirds, type Figure, type Sample } from './sample.ts'

/** `docs/soak-LOG.json`: a run in which nothing rose and nothing differed. */
export interface SoakRecord {
  readonly log: SoakLog
  readonly minutes: number
  readonly rate: number
  readonly rows: number
  readonly changes: number
  /** Of the machine. */
  readonly processors: number
  /** The medians of the samples of each third. */
  readonly thirds: readonly [Sample, Sample, Sample]
  readonly most: Sample
  /** Medians of samples that lie side by side. */
  readonly points: readonly Sample[]
}

export type SoakLog = 'embedded' | 'kafka'

const MOST_POINTS = 60
const DOCS = new URL('../../../docs/', import.meta.url)
const PAGE = new URL('reliability.md', DOCS)
const fileOf = (log: SoakLog): URL => new URL(`soak-${log}.json`, DOCS)

/** Of each log the run that was kept, if one was. */
export function readSoaks(): SoakRecord[] {
  const kept = (['embedded', 'kafka'] as const).map(fileOf).filter((file) => existsSync(file))
  return kept.map((file) => JSON.parse(readFileSync(file, 'utf8')) as SoakRecord)
}

/** Keeps a run in place of the one before. `npm run docs` puts it into the page. */
export function recordSoak({ plan, samples, changes }: SoakResult): void {
  const { log, minutes, rate, rows } = plan
  const [start, middle, end] = thirds(samples)
  const size = Math.ceil(samples.length / MOST_POINTS)
  const groups = Array.from({ length: Math.ceil(samples.length / size) }, (_, i) => samples.slice(i * size, (i + 1) * size)) // prettier-ignore
  const record: SoakRecord = {
    log,
    minutes,
    rate,
    rows,
    changes,
    processors: availableParallelism(),
    thirds: [medianSample(start), medianSample(middle), medianSample(end)],
    most: mostSample(samples),
    points: groups.map(medianSample),
  }
  writeFileSync(fileOf(log), `${JSON.stringify(record, null, 2)}\n`)
}

/** Puts what was kept into the table of `docs/reliability.md`. */
export function writeSoakTable(): void {
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), soakTable(readSoaks())))
}

const SHOWN: readonly (readonly [label: string, ...figures: Figure[]])[] = [
  ['resident memory, MB', 'residentMb'],
  ['descriptors', 'descriptors'],
  ['threads', 'threads'],
  ['processor, %', 'cpuPercent'],
  ['data directory, MB', 'dataMb'],
  ['records that retention keeps', 'keptRecords'],
  ['WAL kept for the slot, MB', 'retainedWalMb'],
  ['commit to topic, p50 and p99, ms', 'toLogP50Ms', 'toLogP99Ms'],
  ['`UPDATE` to a reader of the index, p50 and p99, ms', 'seenP50Ms', 'seenP99Ms'],
  ['changes a second', 'changesPerS'],
  ['load of the machine', 'load'],
]

/** The table of `docs/reliability.md`. */
export function soakTable(records: readonly SoakRecord[]): string {
  const rows = records.flatMap(({ log, thirds, most }) =>
    SHOWN.map(([label, ...figures], index) => {
      const shown = [...thirds, most].map((sample) =>
        figures.map((figure) => rounded(sample[figure])).join(' / '),
      )
      const name = index === 0 ? `[${log}](soak-${log}.json)` : log
      return `| ${name} | ${label} | ${shown.join(' | ')} |\n`
    }),
  )
  return `| log | half an hour in its thirds | first | second | last | at most |\n|---|---|---|---|---|---|\n${rows.join('')}`
}

function rounded(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 })
}
