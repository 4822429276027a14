/** Told again only when it has become so much worse, or had become better. */
const WORSE = 2
const BETTER = 0.75

/** Judges how much WAL a slot makes its server keep. 0 as a limit: there is none. */
export class WalGuard {
  readonly #warnBytes: number
  readonly #maxBytes: number
  #warnAt: number

  constructor(limits: { readonly warnBytes: number; readonly maxBytes: number }) {
    this.#warnBytes = limits.warnBytes
    this.#maxBytes = limits.maxBytes
    this.#warnAt = limits.warnBytes
  }

  judge(retainedBytes: number): 'fine' | 'warn' | 'stop' {
    if (this.#maxBytes > 0 && retainedBytes > this.#maxBytes) return 'stop'
    if (this.#warnBytes === 0) return 'fine'
    if (retainedBytes < this.#warnBytes * BETTER) this.#warnAt = this.#warnBytes
    if (retainedBytes <= this.#warnAt) return 'fine'
    this.#warnAt = retainedBytes * WORSE
    return 'warn'
  }
}
