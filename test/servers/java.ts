import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const JVMS = '/usr/lib/jvm'

/** The home of a Java of this version, or null: `TAILRACE_TEST_JAVA_HOME`, Debian's places, `JAVA_HOME`, the path's. */
export function javaHome(version: 17): string | null {
  return candidates().find((home) => versionOf(home) === version) ?? null
}

/** The home of a Java development kit of at least this version, or null. */
export function newerJavaHome(least: number): string | null {
  const isFit = (home: string) => existsSync(join(home, 'bin', 'javac')) && versionOf(home) >= least
  return candidates().find(isFit) ?? null
}

/** What is missing for servers that come from Maven and run on Java 17, or null. */
export function missingForJavaServers(): string | null {
  const missing: string[] = []
  if (javaHome(17) === null) missing.push('Java 17 (Debian package openjdk-17-jre-headless)')
  if (!hasMaven()) missing.push('Maven (Debian package maven)')
  return missing.length === 0 ? null : missing.join(' and ')
}

/** What is missing for OpenSearch, or null. */
export function missingForOpenSearch(): string | null {
  const missing: string[] = []
  if (newerJavaHome(21) === null) missing.push('a Java development kit of version 21 or newer')
  if (!hasMaven()) missing.push('Maven (Debian package maven)')
  return missing.length === 0 ? null : missing.join(' and ')
}

function hasMaven(): boolean {
  return spawnSync('mvn', ['--version'], { stdio: 'ignore' }).status === 0
}

function candidates(): string[] {
  const debian = existsSync(JVMS) ? readdirSync(JVMS).map((name) => join(JVMS, name)) : []
  const homes = [
    process.env['TAILRACE_TEST_JAVA_HOME'],
    ...debian.filter((path) => existsSync(join(path, 'bin', 'java'))),
    process.env['JAVA_HOME'],
    homeOfJavaOnPath(),
  ]
  return homes.filter((home) => home !== undefined)
}

/** The first number of a Java's version, or 0: it cannot be run. */
function versionOf(home: string): number {
  const { stderr } = spawnSync(join(home, 'bin', 'java'), ['-version'], { encoding: 'utf8' })
  return Number(typeof stderr === 'string' ? (/version "(\d+)/.exec(stderr)?.[1] ?? 0) : 0)
}

function homeOfJavaOnPath(): string | undefined {
  const shown = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8' }).stderr
  return typeof shown === 'string' ? /java\.home = (.*)/.exec(shown)?.[1] : undefined
}
