// npm run pictures: runs what `npm start` runs, once, and draws what it printed as docs/npm-start.svg.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeDirectoryForUser } from '../src/embedded/postgres/place-for-user.ts'

const COLUMNS = 126
const CHARACTER_WIDTH = 7.83
const LINE_HEIGHT = 19
const MARGIN = 18
/** Of the codes that the demo writes: begin of red, green, dim; their ends. */
const FILLS: Readonly<Record<string, string>> = { '31': '#f85149', '32': '#3fb950', '2': '#8b949e' }

const root = fileURLToPath(new URL('..', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'tailrace-picture-'))
try {
  const output = await demoOutput(place)
  const lines = [`$ npm start`, '', ...output.trimEnd().split('\n')].flatMap(wrapped)
  writeFileSync(join(root, 'docs', 'npm-start.svg'), picture(lines))
} finally {
  await removeDirectoryForUser(join(place, '.tailrace', 'demo', 'postgres'))
  rmSync(place, { recursive: true, force: true })
}

async function demoOutput(cwd: string): Promise<string> {
  const main = join(root, 'src', 'cli', 'main.ts')
  const demo = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'demo'], {
    cwd,
    env: { ...process.env, FORCE_COLOR: '1', npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  for await (const chunk of demo.stdout.setEncoding('utf8')) {
    output += String(chunk)
    if (output.includes('Ctrl-C stops')) demo.kill('SIGINT')
  }
  // What it says of its end is not of the picture.
  return output.replace(/(.*Ctrl-C stops.*)[^]*/, '$1')
}

/** As a terminal breaks lines; those that are broken have no colours. */
function wrapped(line: string): readonly string[] {
  // oxlint-disable-next-line no-control-regex -- escape sequences begin so
  if (line.replace(/\x1b\[\d+m/g, '').length <= COLUMNS) return [line]
  return line.match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? []
}

function picture(lines: readonly string[]): string {
  const width = Math.round(COLUMNS * CHARACTER_WIDTH + 2 * MARGIN)
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN
  const texts = lines.map((line, index) => {
    const y = MARGIN + (index + 0.75) * LINE_HEIGHT
    return line === '' ? '' : `<text x="${MARGIN}" y="${y}">${coloured(line)}</text>\n`
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" ` +
    `fill="#e6edf3" xml:space="preserve">\n` +
    `<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>\n${texts.join('')}</svg>\n`
  )
}

function coloured(line: string): string {
  let isOpen = false
  // oxlint-disable-next-line no-control-regex -- escape sequences begin so
  const spans = line.split(/\x1b\[(\d+)m/).map((part, index) => {
    if (index % 2 === 0) return part.replace(/&/g, '&amp;').replace(/</g, '&lt;')
    const end = isOpen ? '</tspan>' : ''
    const fill = FILLS[part]
    isOpen = fill !== undefined
    return fill === undefined ? end : `${end}<tspan fill="${fill}">`
  })
  return spans.join('') + (isOpen ? '</tspan>' : '')
}
