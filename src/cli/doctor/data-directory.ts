import { constants } from 'node:fs'
import { access, mkdir, open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { describeError } from '../../api/errors.ts'
import { fail, ok, warn, type Finding } from '../../api/preflight.ts'

const GIB = 2 ** 30
const LEAST_FREE = GIB
const ENOUGH_FREE = 10 * GIB
const SYNCS = 20
const SLOW_SYNC_MS = 20
const BLOCK = Buffer.alloc(4096, 1)

/** The directory of the embedded log: rights, space, and how long a commit takes. */
export async function lookAtDataDirectory(directory: string): Promise<Finding[]> {
  const check = 'data directory'
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    return [
      fail(check, `${directory} cannot be written: ${describeError(error)}`, {
        where: 'shell',
        apply: `chown "$(id -u)" ${directory} && chmod 700 ${directory}`,
      }),
    ]
  }
  return [
    ok(check, `${directory} can be written`),
    await spaceFinding(directory),
    await syncFinding(directory),
  ]
}

async function spaceFinding(directory: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  const message = `${(free / GIB).toFixed(1)} GiB are free in ${directory}`
  if (free >= ENOUGH_FREE) return ok('disk space', message)
  const remedy = { where: 'by hand', apply: 'Free space there, or choose another data.dir' } as const
  return free < LEAST_FREE ? fail('disk space', message, remedy) : warn('disk space', message, remedy)
}

async function syncFinding(directory: string): Promise<Finding> {
  const path = join(directory, '.tailrace-doctor')
  const tookMs: number[] = []
  const file = await open(path, 'w', 0o600)
  try {
    for (let i = 0; i < SYNCS; i++) {
      const startMs = performance.now()
      await file.write(BLOCK)
      await file.datasync()
      tookMs.push(performance.now() - startMs)
    }
  } finally {
    await file.close()
    await rm(path, { force: true })
  }
  const medianMs = tookMs.sort((a, b) => a - b)[SYNCS / 2]!
  const message = `a commit to the disk of ${directory} takes ${medianMs.toFixed(1)} ms (median of ${SYNCS})`
  if (medianMs <= SLOW_SYNC_MS) return ok('disk speed', message)
  return warn('disk speed', message, {
    where: 'by hand',
    apply: 'Choose a data.dir on a local disk: every commit of a source waits for one',
  })
}
