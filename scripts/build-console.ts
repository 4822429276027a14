// npm run build:console: builds ui to dist/console, unless nothing of it changed since (--if-needed).
import { createHash } from 'node:crypto'
import { appendFileSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = `${root}dist/console`
/** What it was built from; the worker serves no file of that name. */
const stamp = `${target}/.built-from`

const wanted = fingerprint()
if (!process.argv.includes('--if-needed') || read(stamp) !== wanted) {
  await build({ configFile: `${root}ui/vite.config.ts`, logLevel: 'warn' })
  addFontLicenses()
  compress()
  // Last: a build that was broken off is none.
  writeFileSync(stamp, wanted)
}

function fingerprint(): string {
  const hash = createHash('sha256')
  const files = [
    'package-lock.json',
    ...globSync('ui/{src/**/*,*}.{ts,tsx,css,html,svg,json}', { cwd: root }),
  ].sort()
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(`${root}${file}`))
      .update('\0')
  return hash.digest('hex')
}

/** Vite lists the licences of scripts. */
function addFontLicenses(): void {
  for (const font of ['inter', 'jetbrains-mono']) {
    const license = readFileSync(`${root}node_modules/@fontsource-variable/${font}/LICENSE`, 'utf8')
    appendFileSync(`${target}/licenses.md`, `\n---\n\n## ${font}\n\n${license}`)
  }
}

/** Beside each file that gets smaller by it; fonts are compressed as they are. */
function compress(): void {
  for (const file of globSync('**/*.{html,js,css,svg}', { cwd: target })) {
    writeFileSync(`${target}/${file}.gz`, gzipSync(readFileSync(`${target}/${file}`), { level: 9 }))
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
