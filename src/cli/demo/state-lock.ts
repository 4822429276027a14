import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConflictError } from '../../api/errors.ts'

/**
 * Makes sure that one demo at a time uses a directory. SQLite's lock is the system's: it is gone with the process,
 * however that ends, and a pid file is not. Throws `cli.demo-running`.
 */
export function lockState(lockFile: string): Disposable {
  mkdirSync(dirname(lockFile), { recursive: true })
  const database = new DatabaseSync(lockFile)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch {
    database.close()
    throw new ConflictError(
      'cli.demo-running',
      `Another demo runs in ${dirname(resolve(lockFile))}: stop it first, or start this one in another directory`,
    )
  }
  return { [Symbol.dispose]: () => database.close() }
}
