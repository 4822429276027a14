import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const SCHEMA_VERSION = 1

const SCHEMA = `
  CREATE TABLE indices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    uuid TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    settings TEXT NOT NULL,
    mappings TEXT NOT NULL,
    aliases TEXT NOT NULL,
    counters TEXT NOT NULL
  ) STRICT;
  CREATE TABLE node (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`

/**
 * The one file with everything. WAL with `synchronous=NORMAL`: a killed process loses nothing that was acknowledged; a
 * power cut may take the last moments, never the consistency.
 */
export class Database {
  readonly path: string
  readonly connection: DatabaseSync
  readonly #lock: DatabaseSync

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    this.#lock = lockDirectory(dataDir)
    this.path = join(dataDir, 'search.db')
    this.connection = new DatabaseSync(this.path)
    try {
      this.connection.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000',
      )
      this.#createSchema()
    } catch (error) {
      this.close()
      throw error
    }
  }

  #createSchema(): void {
    const row = this.connection.prepare('PRAGMA user_version').get()
    const version = Number(row?.['user_version'])
    if (version > SCHEMA_VERSION) {
      throw new Error(
        `${this.path} was written by a newer tailrace (format ${version}); use that one, or another data directory`,
      )
    }
    if (version === SCHEMA_VERSION) return
    this.connection.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
  }

  close(): void {
    if (this.connection.isOpen) this.connection.close()
    if (this.#lock.isOpen) this.#lock.close()
  }
}

/** Two nodes on one directory would not see each other's mappings. The lock goes with its process, however that ends. */
function lockDirectory(dataDir: string): DatabaseSync {
  const lock = new DatabaseSync(join(dataDir, 'search.lock'))
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw new Error(`${dataDir} is in use by another search node`, { cause: error })
  }
}
