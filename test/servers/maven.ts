import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testCache } from './test-cache.ts'

/** A directory of the cache, made once by `fill` in a place beside it; several test files may try at the same time. */
export async function cachedDirectory(
  name: string,
  fill: (place: string) => Promise<string> | string,
): Promise<string> {
  const cache = testCache()
  const directory = join(cache, name)
  if (existsSync(directory)) return directory
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(`${directory}-`)
  chmodSync(unfinished, 0o755)
  await rename(await fill(unfinished), directory).catch((error: unknown) => {
    if (!existsSync(directory)) throw error
  })
  await rm(unfinished, { recursive: true, force: true })
  return directory
}

/** Unpacks an archive, `group:artifact:version:type`, into the place. */
export function unpackArtifact(artifact: string, place: string): void {
  maven(place, artifact, 'dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${place}`)
}

/** The jars of an artifact, `group:artifact:version`, with all that they need, in a directory of the place. */
export async function copyJars(artifact: string, place: string): Promise<string> {
  const [group, name, version] = artifact.split(':')
  await writeFile(
    join(place, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tailrace</groupId><artifactId>test-server</artifactId><version>1</version><dependencies><dependency>
<groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>
</dependency></dependencies></project>
`,
  )
  const jars = join(place, 'jars')
  maven(
    place,
    artifact,
    'dependency:copy-dependencies',
    `-DoutputDirectory=${jars}`,
    '-DincludeScope=runtime',
  )
  return jars
}

function maven(place: string, artifact: string, ...args: readonly string[]): void {
  // Without a project Maven leaves a directory of its own where it was called.
  const { status, stdout, stderr } = spawnSync('mvn', ['-q', '-B', ...args], { encoding: 'utf8', cwd: place })
  if (status !== 0) throw new Error(`Maven could not fetch ${artifact}: ${stdout}${stderr}`)
}
