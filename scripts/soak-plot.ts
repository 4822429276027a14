import type { Figure } from '../test/faults/soak/sample.ts'
import { readSoaks, type SoakLog, type SoakRecord } from '../test/faults/soak/results.ts'

const WIDTH = 760
const LEFT = 64
const RIGHT = 18
const PANEL = 118
const CURVE = 72

const PANELS: readonly (readonly [name: string, unit: string, figure: Figure])[] = [
  ['Resident memory', 'MB', 'residentMb'],
  ['Descriptors', 'open', 'descriptors'],
  ['Threads', 'of the worker', 'threads'],
  ['Data directory', 'MB', 'dataMb'],
  ['From an UPDATE to a reader of the index, p50', 'ms', 'seenP50Ms'],
  ['Load of the machine', 'mean of a minute', 'load'],
]
const NAMES: Readonly<Record<SoakLog, string>> = { embedded: 'embedded log', kafka: 'Kafka' }

/** `docs/soak.svg`: each figure over the time of the run, from 0 on. */
export function soakPlot(): string {
  const records = readSoaks()
  const height = PANELS.length * PANEL + 40
  const style =
    'text{font:13px system-ui,sans-serif;fill:#16201f}.name{font-weight:600}.soft{fill:#4c5a59;font-size:12px;font-weight:400}' +
    'polyline{fill:none;stroke-width:2}.embedded{stroke:#0d7d73}.kafka{stroke:#b4650c}.ground{fill:#eef1f1}'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Figures of a worker over half an hour of changes, one below the other">`,
    `<style>${style}</style><rect width="${WIDTH}" height="${height}" rx="10" fill="#fff"/>`,
    ...PANELS.map((each, index) => panel(records, each, 16 + index * PANEL)),
    ...records.map(({ log, minutes }, index) => legend(log, minutes, { index, y: height - 14 })),
    '</svg>\n',
  ].join('\n')
}

function panel(
  records: readonly SoakRecord[],
  [name, unit, figure]: (typeof PANELS)[number],
  y: number,
): string {
  const most = Math.max(1, ...records.flatMap(({ points }) => points.map((point) => point[figure])))
  const bottom = y + 24 + CURVE
  return [
    `<text class="name" x="${LEFT}" y="${y + 14}">${name} <tspan class="soft">${unit}</tspan></text>`,
    `<rect class="ground" x="${LEFT}" y="${y + 24}" width="${WIDTH - LEFT - RIGHT}" height="${CURVE}"/>`,
    `<text class="soft" x="${LEFT - 8}" y="${y + 36}" text-anchor="end">${Math.round(most).toLocaleString('en-US')}</text>`,
    `<text class="soft" x="${LEFT - 8}" y="${bottom}" text-anchor="end">0</text>`,
    ...records.map(({ log, minutes, points }) => {
      const places = points.map((point) => {
        const x = LEFT + (point.atS / (minutes * 60)) * (WIDTH - LEFT - RIGHT)
        return `${x.toFixed(1)},${(bottom - (point[figure] / most) * (CURVE - 6)).toFixed(1)}`
      })
      return `<polyline class="${log}" points="${places.join(' ')}"/>`
    }),
  ].join('\n')
}

function legend(log: SoakLog, minutes: number, at: { readonly index: number; readonly y: number }): string {
  const x = LEFT + at.index * 240
  return `<polyline class="${log}" points="${x},${at.y - 4} ${x + 24},${at.y - 4}"/><text class="soft" x="${x + 32}" y="${at.y}">${NAMES[log]}, ${minutes} minutes</text>`
}
