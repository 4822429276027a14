import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const JVMS = '/usr/lib/jvm'
const JAVA = 'Java 17 (Debian package openjdk-17-jre-headless)'

/**
 * For servers that live for a test: only the compiler that is quick itself. Elasticsearch is there after half of the
 * processor's time (8 s, not 16).
 */
export const QUICK_START: readonly string[] = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** The home of Java 17: `TAILRACE_TEST_JAVA_HOME`, one of Debian's, `JAVA_HOME`, the path's. Throws where there is none. */
export function java17(): string {
  const home = java17OrNull()
  if (home === null) throw new Error(`This test needs ${JAVA}.`)
  return home
}

/** The home of a Java development kit of at least this version. Throws where there is none. */
export function javaKit(least: number): string {
  const home = javaKitOrNull(least)
  if (home === null) throw new Error(`This test needs ${kit(least)}.`)
  return home
}

/** What is missing for servers that come from Maven and run on Java 17, or null. */
export function missingForJavaServers(): string | null {
  const missing: string[] = []
  if (java17OrNull() === null) missing.push(JAVA)
  if (!hasMaven()) missing.push('Maven (Debian package maven)')
  return missing.length === 0 ? null : missing.join(' and ')
}

/** What is missing for OpenSearch, or null; also where `TAILRACE_TEST_ENGINES` does not ask for it. */
export function missingForOpenSearch(): string | null {
  const engines = process.env['TAILRACE_TEST_ENGINES']
  if (engines !== undefined && engines !== 'all' && !engines.includes('opensearch')) return null
  const missing: string[] = []
  if (javaKitOrNull(21) === null) missing.push(kit(21))
  if (!hasMaven()) missing.push('Maven (Debian package maven)')
  return missing.length === 0 ? null : missing.join(' and ')
}

/** What is missing to compile a plugin of Elasticsearch, or null. */
export function missingForJavaCompiler(): string | null {
  return javaKitOrNull(17) === null ? kit(17) : null
}

function java17OrNull(): string | null {
  return firstHome((home) => versionOf(home) === 17)
}

function javaKitOrNull(least: number): string | null {
  return firstHome((home) => existsSync(join(home, 'bin', 'javac')) && versionOf(home) >= least)
}

function kit(least: number): string {
  return `a Java development kit of version ${least} or newer`
}

function hasMaven(): boolean {
  return spawnSync('mvn', ['--version'], { stdio: 'ignore' }).status === 0
}

/** Each look takes a JVM, so there is none for a home behind the right one, and only one for each. */
function firstHome(isRight: (home: string) => boolean): string | null {
  const debian = existsSync(JVMS) ? readdirSync(JVMS).map((name) => join(JVMS, name)) : []
  const homes: readonly (() => string | undefined)[] = [
    () => process.env['TAILRACE_TEST_JAVA_HOME'],
    ...debian.filter((path) => existsSync(join(path, 'bin', 'java'))).map((path) => () => path),
    () => process.env['JAVA_HOME'],
    homeOfJavaOnPath,
  ]
  for (const homeOf of homes) {
    const home = homeOf()
    if (home !== undefined && isRight(home)) return home
  }
  return null
}

const versions = new Map<string, number>()

/** The first number of a Java's version, or 0: it cannot be run. */
function versionOf(home: string): number {
  let version = versions.get(home)
  if (version === undefined) {
    const { stderr } = spawnSync(join(home, 'bin', 'java'), ['-version'], { encoding: 'utf8' })
    version = Number(typeof stderr === 'string' ? (/version "(\d+)/.exec(stderr)?.[1] ?? 0) : 0)
    versions.set(home, version)
  }
  return version
}

function homeOfJavaOnPath(): string | undefined {
  const shown = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8' }).stderr
  return typeof shown === 'string' ? /java\.home = (.*)/.exec(shown)?.[1] : undefined
}
