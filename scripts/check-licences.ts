// Part of npm run check: what is installed with tailrace may be used by everybody. [LOCK FILE]
import { readFileSync } from 'node:fs'

interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
}

/** Those that ask for no more than their notice. */
const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'PostgreSQL'])

const file = process.argv[2] ?? new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>
}
const refused = Object.entries(lock.packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .filter(([, { license = '' }]) => !isAllowed(license))
for (const [path, { version, license = 'no licence' }] of refused) {
  console.error(
    `${path.replace(/^.*node_modules\//, '')} ${version}: ${license} is not among the allowed licences`,
  )
}
process.exit(refused.length > 0 ? 1 : 0)

/** One name, or a choice in parentheses. */
function isAllowed(licence: string): boolean {
  return licence
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((name) => ALLOWED.has(name))
}
