import { openConnection, type SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'

/** The connection for ordinary queries beside the stream. Opened when it is needed, and again when it was lost since. */
export class ControlConnection {
  readonly #session: SourceSession
  #connection: PostgresConnection | null = null

  constructor(session: SourceSession) {
    this.#session = session
  }

  async get(): Promise<PostgresConnection> {
    if (this.#connection?.isOpen !== true) this.#connection = await openConnection(this.#session, 'sql')
    return this.#connection
  }

  close(): void {
    this.#connection?.close()
    this.#connection = null
  }
}
