/** How long something has been in each of its states. */
export class StateTimes<State extends string> {
  readonly #spentMs = new Map<State, number>()
  readonly #now: () => number
  readonly #beganMs: number
  #state: State
  #sinceMs: number

  constructor(state: State, now: () => number = () => performance.now()) {
    this.#now = now
    this.#state = state
    this.#beganMs = this.#sinceMs = now()
  }

  entered(state: State): void {
    const nowMs = this.#now()
    this.#spentMs.set(this.#state, (this.#spentMs.get(this.#state) ?? 0) + nowMs - this.#sinceMs)
    this.#state = state
    this.#sinceMs = nowMs
  }

  /** Of the whole time, from 0 to 1. */
  share(state: State): number {
    const nowMs = this.#now()
    const currentMs = state === this.#state ? nowMs - this.#sinceMs : 0
    const totalMs = nowMs - this.#beganMs
    return totalMs === 0 ? 0 : ((this.#spentMs.get(state) ?? 0) + currentMs) / totalMs
  }
}
