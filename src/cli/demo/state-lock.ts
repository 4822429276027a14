import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError, ConflictError } from '../../api/errors.ts'

/**
 * Makes sure that one demo at a time uses a directory. SQLite's lock is the system's: it is gone with the process,
 * however that ends, and a pid file is not. Throws `cli.demo-running`, `cli.directory-unwritable`.
 */
export function lockState(lockFile: string): Disposable {
  const directory = dirname(resolve(lockFile))
  let database: DatabaseSync
  try {
    mkdirSync(directory, { recursive: true })
    database = new DatabaseSync(lockFile)
  } catch (cause) {
    throw new ConfigError(
      'cli.directory-unwritable',
      `Cannot write to ${directory}, where the demo keeps its data: start it in a directory of yours`,
      { cause },
    )
  }
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch {
    database.close()
    throw new ConflictError(
      'cli.demo-running',
      `Another demo runs in ${directory}: stop it first, or start this one in another directory`,
    )
  }
  return { [Symbol.dispose]: () => database.close() }
}
