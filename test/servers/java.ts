import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const JVMS = '/usr/lib/jvm'

/** The home of a Java of this version, or null: `TAILRACE_TEST_JAVA_HOME`, Debian's places, `JAVA_HOME`, the path's. */
export function javaHome(version: 17): string | null {
  const debian = existsSync(JVMS) ? readdirSync(JVMS).map((name) => join(JVMS, name)) : []
  const candidates = [
    process.env['TAILRACE_TEST_JAVA_HOME'],
    ...debian.filter((path) => path.includes(`-${version}-`)),
    process.env['JAVA_HOME'],
    homeOfJavaOnPath(),
  ]
  return candidates.find((home) => home !== undefined && isVersion(home, version)) ?? null
}

/** What is missing for servers that come from Maven and run on Java 17, or null. */
export function missingForJavaServers(): string | null {
  const missing: string[] = []
  if (javaHome(17) === null) missing.push('Java 17 (Debian package openjdk-17-jre-headless)')
  if (!hasMaven()) missing.push('Maven (Debian package maven)')
  return missing.length === 0 ? null : missing.join(' and ')
}

function hasMaven(): boolean {
  return spawnSync('mvn', ['--version'], { stdio: 'ignore' }).status === 0
}

function isVersion(home: string, version: number): boolean {
  const { stderr } = spawnSync(join(home, 'bin', 'java'), ['-version'], { encoding: 'utf8' })
  return typeof stderr === 'string' && stderr.includes(`version "${version}.`)
}

function homeOfJavaOnPath(): string | undefined {
  const shown = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8' }).stderr
  return typeof shown === 'string' ? /java\.home = (.*)/.exec(shown)?.[1] : undefined
}
