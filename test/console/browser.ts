import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core'

/** Of everything that a page is waited for. */
const TIMEOUT_MS = 180_000

/** Debian's, Ubuntu's, Google's, or the one that a variable names. */
const PLACES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** What is missing for tests in a browser; null: nothing. */
export function missingForChromium(): string | null {
  return chromiumPath() === null ? 'Chromium' : null
}

/** A browser, and the console that it opens, built from what lies in `ui`. */
export async function startBrowser(): Promise<Browser> {
  buildConsole()
  // Root may have no sandbox; the pages are our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({
    executablePath: chromiumPath()!,
    args: [...args, '--disable-gpu'],
    timeout: TIMEOUT_MS,
  })
}

/** A profile of its own, which reports what pages complain about. */
export async function openContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ readonly context: BrowserContext; readonly complaints: string[] }> {
  const context = await browser.newContext({
    locale: 'en-US',
    viewport: { width: 1280, height: 900 },
    // Colours on their way from one to another have the contrast of neither.
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(TIMEOUT_MS)
  const complaints: string[] = []
  context.on('console', (message) => {
    const isSerious = message.type() === 'error' || message.type() === 'warning'
    // What the worker refuses is shown to the user, and is part of stories.
    if (isSerious && !message.text().startsWith('Failed to load resource')) complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  return { context, complaints }
}

function buildConsole(): void {
  const script = fileURLToPath(new URL('../../scripts/build-console.ts', import.meta.url))
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, '--if-needed'],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`The console was not built: ${stderr}`)
}

function chromiumPath(): string | null {
  return PLACES.find((path) => path !== '' && existsSync(path)) ?? null
}
