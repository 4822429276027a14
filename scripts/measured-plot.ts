import { measured, shown, type Rate } from './measured.ts'

const WIDTH = 760
const LEFT = 150
const PANEL = 104
const BAR = 22

/** `docs/comparison.svg`: each rate as a bar, and the ceiling of its run as the end of the scale. */
export function measuredPlot(): string {
  const { rates } = measured()
  const height = rates.length * PANEL + 34
  const style =
    'text{font:13px system-ui,sans-serif;fill:#16201f}.name{font-weight:600}.soft{fill:#4c5a59;font-size:12px}' +
    '.own{fill:#0d7d73}.other{fill:#b4650c}.range{fill:#b4650c;opacity:.45}.more{fill:#0d7d73;opacity:.45}' +
    '.track{fill:#eef1f1}.end{stroke:#16201f;stroke-width:2}'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Rates of tailrace and of the reference beside the ceiling of the machine">`,
    `<style>${style}</style><rect width="${WIDTH}" height="${height}" rx="10" fill="#fff"/>`,
    ...rates.map((rate, index) => panel(rate, 18 + index * PANEL)),
    `<text class="soft" x="18" y="${height - 14}">Dark: the lower figure, light: up to the higher one of several runs. The line at the end of each scale is the ceiling.</text>`,
    '</svg>\n',
  ].join('\n')
}

function panel({ name, unit, tailrace, reference, ceiling, ceilingOf }: Rate, y: number): string {
  const most = Math.max(...ceiling)
  const scale = (WIDTH - LEFT - 30) / most
  return [
    `<text class="name" x="18" y="${y + 14}">${name}</text>`,
    `<text class="soft" x="${WIDTH - 30}" y="${y + 14}" text-anchor="end">ceiling: ${shown(ceiling)} ${unit}, ${ceilingOf}</text>`,
    bar({ label: 'tailrace', range: tailrace, classes: ['own', 'more'], y: y + 24, scale, unit }),
    bar({ label: 'the reference', range: reference, classes: ['other', 'range'], y: y + 52, scale, unit }),
    `<path class="end" d="M${WIDTH - 30} ${y + 22}v${BAR * 2 + 10}"/>`,
  ].join('\n')
}

interface Bar {
  readonly label: string
  readonly range: readonly number[]
  readonly classes: readonly [least: string, most: string]
  readonly y: number
  readonly scale: number
  readonly unit: string
}

function bar({ label, range, classes, y, scale, unit }: Bar): string {
  const [least, most] = [Math.min(...range), Math.max(...range)].map((rate) => Math.round(rate * scale))
  const text = `${shown(range)} ${unit}`
  const isInside = most! > 420
  return [
    `<text x="${LEFT - 12}" y="${y + 16}" text-anchor="end">${label}</text>`,
    `<rect class="track" x="${LEFT}" y="${y}" width="${WIDTH - LEFT - 30}" height="${BAR}"/>`,
    ...(most! > least!
      ? [`<rect class="${classes[1]}" x="${LEFT}" y="${y}" width="${most}" height="${BAR}"/>`]
      : []),
    `<rect class="${classes[0]}" x="${LEFT}" y="${y}" width="${least}" height="${BAR}"/>`,
    isInside
      ? `<text x="${LEFT + 10}" y="${y + 16}" style="fill:#fff">${text}</text>`
      : `<text x="${LEFT + most! + 8}" y="${y + 16}">${text}</text>`,
  ].join('\n')
}
