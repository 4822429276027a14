import { openConnection, type SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'

/** The connection for ordinary queries beside the stream. Opened when it is needed, and again when it was lost since. */
export class ControlConnection {
  readonly #session: SourceSession
  #connection: PostgresConnection | null = null
  #opening: Promise<PostgresConnection> | null = null

  constructor(session: SourceSession) {
    this.#session = session
  }

  async get(): Promise<PostgresConnection> {
    if (this.#connection?.isOpen === true) return this.#connection
    // Two who ask at the same time get the same one.
    this.#opening ??= openConnection(this.#session, 'sql').finally(() => (this.#opening = null))
    return (this.#connection = await this.#opening)
  }

  close(): void {
    this.#connection?.close()
    this.#connection = null
  }
}
