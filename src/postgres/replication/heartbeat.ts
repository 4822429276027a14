import type { SourceSession } from '../source-session.ts'
import { ControlConnection } from './control-connection.ts'

/**
 * Beats every `heartbeat.interval.ms`, and each time runs `heartbeat.action.query`: on a connection of its own, so that a
 * slow one holds nothing up.
 */
export class Heartbeat {
  readonly #session: SourceSession
  readonly #connection: ControlConnection
  readonly #timer: NodeJS.Timeout
  #isQuerying = false

  /** @param beat writes the record */
  constructor(session: SourceSession, beat: () => void) {
    this.#session = session
    this.#connection = new ControlConnection(session)
    this.#timer = setInterval(() => {
      void this.#runQuery()
      beat()
    }, session.options.heartbeatIntervalMs)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#connection.close()
  }

  async #runQuery(): Promise<void> {
    const query = this.#session.options.heartbeatActionQuery
    if (query === null || this.#isQuerying) return
    this.#isQuerying = true
    try {
      await (await this.#connection.get()).query(query, 'heartbeat.action.query')
    } catch (error) {
      // Streaming goes on without it, as in the reference.
      if (!this.#session.signal.aborted)
        this.#session.context.log.warn({ err: error }, 'heartbeat.action.query failed')
    } finally {
      this.#isQuerying = false
    }
  }
}
