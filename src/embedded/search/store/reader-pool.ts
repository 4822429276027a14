import { DatabaseSync } from 'node:sqlite'

/** Searches that run at the same time; more wait. Each has a page cache of 2 MB. */
const MAX_READERS = 4

/**
 * Connections for searches. Each search reads one snapshot on a connection of its own, so it may pause half-way and
 * let writes through without seeing them.
 */
export class ReaderPool {
  readonly #path: string
  readonly #idle: DatabaseSync[] = []
  readonly #waiting: (() => void)[] = []
  #open = 0
  #whenClosed: PromiseWithResolvers<void> | undefined

  constructor(path: string) {
    this.#path = path
  }

  async use<T>(read: (connection: DatabaseSync) => Promise<T>): Promise<T> {
    const connection = await this.#acquire()
    try {
      connection.exec('BEGIN')
      return await read(connection)
    } finally {
      this.#release(connection)
    }
  }

  /** A connection that holds a snapshot until it is released: none of those that searches share. Not after `close`. */
  hold(): { readonly connection: DatabaseSync; readonly release: () => void } {
    const connection = new DatabaseSync(this.#path, { readOnly: true, timeout: 1_000 })
    connection.exec('BEGIN')
    return { connection, release: () => connection.close() }
  }

  async #acquire(): Promise<DatabaseSync> {
    for (;;) {
      if (this.#whenClosed !== undefined) throw new Error('the search node is closing')
      const idle = this.#idle.pop()
      if (idle !== undefined) return idle
      if (this.#open < MAX_READERS) {
        this.#open++
        return new DatabaseSync(this.#path, { readOnly: true, timeout: 1_000 })
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #release(connection: DatabaseSync): void {
    if (connection.isTransaction) connection.exec('ROLLBACK')
    if (this.#whenClosed === undefined) this.#idle.push(connection)
    else this.#closeOne(connection)
    this.#waiting.shift()?.()
  }

  #closeOne(connection: DatabaseSync): void {
    connection.close()
    this.#open--
    if (this.#open === 0) this.#whenClosed?.resolve()
  }

  /** Closes each connection when its search is over; the caller has told the searches to end. */
  async close(): Promise<void> {
    if (this.#whenClosed === undefined) {
      this.#whenClosed = Promise.withResolvers<void>()
      for (const connection of this.#idle.splice(0)) this.#closeOne(connection)
      if (this.#open === 0) this.#whenClosed.resolve()
    }
    await this.#whenClosed.promise
  }
}
