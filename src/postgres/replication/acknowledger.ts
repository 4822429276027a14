/** @param wantsReply the server is to say how far it has sent */
type SendStatus = (durable: bigint, wantsReply: boolean) => void

/** Status updates are at least so far apart, unless the server asks. */
const LEAST_PAUSE_MS = 10

/**
 * Tells the server what is durable: soon after it became so, when the server asks, and at the latest every
 * `status.update.interval.ms`. Never more than what it was told itself.
 */
export class Acknowledger {
  readonly #send: SendStatus
  readonly #interval: NodeJS.Timeout
  #soon: NodeJS.Timeout | null = null
  #durable: bigint
  #sentAtMs = 0

  /**
   * @param from what the server knows already
   * @param beat called every `status.update.interval.ms`, before the update
   */
  constructor(
    send: SendStatus,
    from: bigint,
    options: { readonly intervalMs: number; readonly beat: () => void },
  ) {
    this.#send = send
    this.#durable = from
    this.#interval = setInterval(() => {
      options.beat()
      this.reply()
    }, options.intervalMs)
    this.#interval.unref()
  }

  get durableLsn(): bigint {
    return this.#durable
  }

  /** All before `lsn` is durable. */
  durable(lsn: bigint): void {
    if (lsn <= this.#durable) return
    this.#durable = lsn
    this.replySoon()
  }

  /** Sends an update, unless one was sent just now: then a little later. */
  replySoon(): void {
    const wait = this.#sentAtMs + LEAST_PAUSE_MS - performance.now()
    if (wait <= 0) this.reply()
    else this.#soon ??= setTimeout(() => this.reply(), wait)
  }

  /** Asks the server how far it has sent. */
  ask(): void {
    this.#update(true)
  }

  /** Sends an update now. */
  reply(): void {
    this.#update(false)
  }

  #update(wantsReply: boolean): void {
    if (this.#soon !== null) clearTimeout(this.#soon)
    this.#soon = null
    this.#sentAtMs = performance.now()
    this.#send(this.#durable, wantsReply)
  }

  close(): void {
    clearInterval(this.#interval)
    if (this.#soon !== null) clearTimeout(this.#soon)
    this.#soon = null
  }
}
