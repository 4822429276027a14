import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { testCache } from './test-cache.ts'

/** Node of a version, in the cache of downloads: the program that the npm package `node` brings for this platform. */
export async function downloadedNode(version: string): Promise<string> {
  const cache = testCache()
  const place = join(cache, `node-${version}`)
  const program = join(place, 'node_modules', '.bin', 'node')
  if (existsSync(program)) return program
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(join(cache, 'node-unfinished-'))
  try {
    const name = `node-${process.platform}-${process.arch}@${version}`
    const install = [
      'install',
      '--prefix',
      unfinished,
      '--no-audit',
      '--no-fund',
      '--fetch-retries=5',
      '--silent',
      name,
    ]
    const { status, stderr } = spawnSync('npm', install, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`Could not install ${name}: ${stderr}`)
    // Another test may have been faster.
    await rename(unfinished, place).catch(() => undefined)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return program
}
