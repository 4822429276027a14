import { constants } from 'node:fs'
import { chmod, copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { ConfigError, ConflictError, ConnectError, describeError } from '../../api/errors.ts'
import type { Backup, BackupOptions } from '../backup.ts'
import type { OwnerConnection } from './owner-connection.ts'
import { METADATA_FILE, topicsDirectory } from './topic-files.ts'

/** Until everything else is there: a copy without its metadata is not taken for a data directory. */
const UNFINISHED = `${METADATA_FILE}.unfinished`

/**
 * `BackUp` of the embedded log: the copy is a data directory like any other.
 *
 * @param directory absolute
 */
export async function backUp(
  owner: OwnerConnection,
  dataDir: string,
  directory: string,
  { onProgress, signal }: BackupOptions = {},
): Promise<Backup> {
  await requireEmpty(directory, dataDir)
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const segments = await owner.call('begin-copy', join(directory, UNFINISHED))
    await chmod(join(directory, UNFINISHED), 0o600)
    const of = segments.reduce((sum, { length }) => sum + length, 0)
    const damaged: string[] = []
    let done = 0
    onProgress?.({ done, of })
    for (const { path, length } of segments) {
      signal?.throwIfAborted()
      if (!(await copySegment(join(dataDir, path), join(directory, path), length))) damaged.push(path)
      done += length
      onProgress?.({ done, of })
    }
    await sync(join(directory, UNFINISHED))
    for (const place of directoriesOf(segments.map(({ path }) => path))) await sync(join(directory, place))
    await rename(join(directory, UNFINISHED), join(directory, METADATA_FILE))
    await sync(directory)
    return { bytes: done, segments: segments.length, damaged }
  } catch (error) {
    for (const made of [join(directory, UNFINISHED), topicsDirectory(directory)]) {
      await rm(made, { recursive: true, force: true }).catch(() => undefined)
    }
    signal?.throwIfAborted()
    if (error instanceof ConnectError) throw error
    throw new ConnectError(
      'log.backup-failed',
      `The backup to ${directory} failed: ${describeError(error)}. What was copied of it is removed.`,
      { cause: error },
    )
  }
}

async function requireEmpty(directory: string, dataDir: string): Promise<void> {
  if (!isAbsolute(directory)) {
    throw new ConfigError('log.backup-refused', `The directory of a backup has to be absolute: ${directory}`)
  }
  const below = relative(resolve(dataDir), resolve(directory))
  if (!below.startsWith('..') && !isAbsolute(below)) {
    throw new ConfigError('log.backup-refused', `${directory} lies in the data directory itself`)
  }
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new ConfigError('log.backup-refused', `Cannot use ${directory}: ${describeError(error)}`)
  })
  if (entries.length > 0) {
    throw new ConflictError(
      'log.backup-refused',
      `${directory} is not empty. Each backup needs a directory of its own.`,
    )
  }
}

/** With what may lie behind its committed bytes: opening cuts that off. False: the file is too short. */
async function copySegment(from: string, to: string, length: number): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  try {
    // A clone where the file system can make one.
    await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  await sync(to)
  return (await stat(to)).size >= length
}

/** The directories of files and those above, relative. */
function directoriesOf(paths: readonly string[]): ReadonlySet<string> {
  const directories = new Set<string>()
  for (const path of paths) {
    for (let place = dirname(path); place !== '.'; place = dirname(place)) directories.add(place)
  }
  return directories
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
