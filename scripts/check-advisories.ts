// Part of npm run check: no grave advisory is known of what is installed with tailrace, as far as a registry can be asked.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Audit {
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>
  readonly message?: string
  readonly error?: { readonly summary?: string }
}

const DEADLINE_MS = 20_000
const GRAVE = new Set(['high', 'critical'])
const args = ['audit', '--omit=dev', '--package-lock-only', '--json', '--fetch-retries=0']
const { stdout, error } = spawnSync('npm', args, {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  encoding: 'utf8',
  timeout: DEADLINE_MS,
  stdio: ['ignore', 'pipe', 'ignore'],
})
const audit = parsed(stdout)
if (audit?.vulnerabilities === undefined) {
  const reason = error?.message ?? audit?.message ?? audit?.error?.summary ?? 'npm audit gave no answer'
  // Who is offline cannot do anything about it, and is not to be stopped by it.
  console.warn(`Not checked: no registry could be asked for advisories (${reason.split('\n')[0]!})`)
  process.exit(0)
}
const found = Object.entries(audit.vulnerabilities)
for (const [name, { severity, range }] of found) {
  console.error(`${name} ${range}: an advisory is known (${severity}); npm audit --omit=dev tells of it`)
}
process.exit(found.some(([, { severity }]) => GRAVE.has(severity)) ? 1 : 0)

function parsed(text: string | null): Audit | null {
  try {
    return JSON.parse(text ?? '') as Audit
  } catch {
    return null
  }
}
