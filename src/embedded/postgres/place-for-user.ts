import { createHash } from 'node:crypto'
import { chown, cp, lstat, mkdir, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { SystemUser } from './unprivileged-user.ts'

/** Where directories go whose own place another user cannot reach. */
const SHARED = '/var/tmp'

/**
 * Makes `directory` one that `user` owns and can reach, and answers its real path. A checkout under `/root` cannot be
 * entered by other users: then the directory is made in `/var/tmp`, and `directory` becomes a symbolic link to it.
 */
export async function directoryForUser(directory: string, user: SystemUser | null): Promise<string> {
  const wanted = resolve(directory)
  if (user === null) {
    await mkdir(wanted, { recursive: true, mode: 0o700 })
    return wanted
  }
  await mkdir(dirname(wanted), { recursive: true })
  const existing = await lstat(wanted).catch(() => null)
  if (existing === null && !(await isReachable(dirname(wanted), user))) {
    const place = join(SHARED, `tailrace-${shortHash(wanted)}`)
    await mkdir(place, { recursive: true, mode: 0o700 })
    await symlink(place, wanted)
  } else if (existing === null || existing.isDirectory()) {
    await mkdir(wanted, { recursive: true, mode: 0o700 })
  }
  const place = await realpath(wanted)
  await chown(place, user.uid, user.gid)
  return place
}

/** Removes what `directoryForUser` made, wherever it is. */
export async function removeDirectoryForUser(directory: string): Promise<void> {
  const place = await realpath(directory).catch(() => null)
  if (place !== null) await rm(place, { recursive: true, force: true })
  await rm(directory, { force: true, recursive: true })
}

/** `directory` itself, or a copy of it where `user` cannot reach it. */
export async function readableForUser(directory: string, user: SystemUser | null): Promise<string> {
  if (user === null || (await isReachable(directory, user))) return directory
  const { mtimeMs } = await stat(directory)
  const copy = join(SHARED, `tailrace-copy-${shortHash(`${directory}:${mtimeMs}`)}`)
  if ((await lstat(copy).catch(() => null))?.uid === 0) return copy
  const unfinished = `${copy}.${process.pid}`
  await cp(directory, unfinished, { recursive: true, verbatimSymlinks: true })
  // Somebody else may have finished the same copy meanwhile.
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }))
  return copy
}

/** Whether `user` may pass through `directory` and all directories above it. */
async function isReachable(directory: string, user: SystemUser): Promise<boolean> {
  for (let path = resolve(directory); ; path = dirname(path)) {
    const { mode, uid, gid } = await stat(path)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (path === dirname(path)) return true
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
