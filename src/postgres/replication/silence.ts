import { RetriableError } from '../../api/errors.ts'

/** Of a connection that leads nowhere any more, nothing is heard: no error, no end. */
export class SilenceError extends RetriableError {
  constructor(server: string, timeoutMs: number) {
    super(
      'postgres.connection-lost',
      `PostgreSQL at ${server} has not answered for ${timeoutMs} ms (connection.silence.timeout.ms): the connection leads ` +
        'nowhere any more, or the server hangs.',
    )
  }
}

const LOOKS = 4

/** Watches over a connection: half way through the time without a sign of life it asks for one, at its end it gives up. */
export class SilenceWatch {
  readonly #timer: NodeJS.Timeout
  #silentLooks = 0

  /** @param isDeaf whether nothing can be heard now, because nobody reads */
  constructor(
    timeoutMs: number,
    connection: { readonly isDeaf: () => boolean; readonly ask: () => void; readonly giveUp: () => void },
  ) {
    this.#timer = setInterval(() => {
      this.#silentLooks = connection.isDeaf() ? 0 : this.#silentLooks + 1
      if (this.#silentLooks === LOOKS / 2) connection.ask()
      if (this.#silentLooks >= LOOKS) connection.giveUp()
    }, timeoutMs / LOOKS)
    this.#timer.unref()
  }

  heard(): void {
    this.#silentLooks = 0
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
