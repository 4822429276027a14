import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testCache } from './test-cache.ts'

/** Programs of others that tests drive a worker with, each of one version: they are no part of the product. */
const PYTHON_PACKAGES = ['kafka-connect-py==1.0.0', 'schemathesis==4.32.5', 'psycopg2-binary==2.9.11']
const NPM_PACKAGE = 'kafka-connect-client@2.3.0'

/** What is missing for tools from PyPI, or null. */
export function missingForPython(): string | null {
  const probe = spawnSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' })
  return probe.status === 0 ? null : 'Python 3 with venv (Debian package python3-venv)'
}

/** The directory with the programs of `PYTHON_PACKAGES`, installed on first use. */
export function pythonTools(): string {
  const home = join(testCache(), `python-${nameOf(PYTHON_PACKAGES)}`)
  if (!existsSync(join(home, 'complete'))) {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(testCache(), { recursive: true })
    execFileSync('python3', ['-m', 'venv', home], { stdio: 'pipe' })
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PYTHON_PACKAGES]
    execFileSync(join(home, 'bin', 'python'), pip, { stdio: 'pipe' })
    writeFileSync(join(home, 'complete'), '')
  }
  return join(home, 'bin')
}

/** The directory in which `kafka-connect-client` is installed, on first use. */
export function npmClientHome(): string {
  const home = join(testCache(), `npm-${nameOf([NPM_PACKAGE])}`)
  if (!existsSync(home)) {
    const making = `${home}.${process.pid}`
    mkdirSync(making, { recursive: true })
    writeFileSync(join(making, 'package.json'), '{"type":"module"}')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', NPM_PACKAGE], {
      cwd: making,
      stdio: 'pipe',
    })
    renameSync(making, home)
  }
  return home
}

function nameOf(packages: readonly string[]): string {
  return packages.join('-').replace(/[^\w.-]+/g, '-')
}
