import { setTimeout as delay } from 'node:timers/promises'
import { HttpError } from '../http-error.ts'

/** Wrong tries that are answered at once; then each takes twice as long as the one before, up to the most. */
const FREE_TRIES = 3
const FIRST_DELAY_MS = 250
const MOST_DELAY_MS = 8_000
/** Tries of one address that may wait for their turn. */
const MOST_WAITING = 8
const MOST_ADDRESSES = 2_000

interface Tries {
  wrong: number
  waiting: number
  turn: Promise<unknown>
}

/** Slows down who guesses: the tries of one address are checked one after the other, and wrong ones take longer and longer. */
export class LoginThrottle {
  readonly #tries = new Map<string, Tries>()
  readonly #sleep: (ms: number) => Promise<unknown>

  constructor(sleep: (ms: number) => Promise<unknown> = (ms) => delay(ms, undefined, { ref: false })) {
    this.#sleep = sleep
  }

  /** What `check` answers, after the delay that this address has earned. Throws the `HttpError` (429) of too many at once. */
  async check(address: string, check: () => Promise<boolean>): Promise<boolean> {
    const tries = this.#of(address)
    if (tries.waiting >= MOST_WAITING) {
      const answer = { status: 429, headers: { 'retry-after': '5' } }
      throw new HttpError('rest.unauthorized', answer, 'Too many logins are being checked; try again later')
    }
    tries.waiting++
    const turn = tries.turn.then(async () => {
      if (tries.wrong >= FREE_TRIES) await this.#sleep(delayMs(tries.wrong))
      const isRight = await check()
      tries.wrong = isRight ? 0 : tries.wrong + 1
      return isRight
    })
    tries.turn = turn.catch(() => {})
    return turn.finally(() => {
      tries.waiting--
      if (tries.wrong === 0 && tries.waiting === 0) this.#tries.delete(address)
    })
  }

  #of(address: string): Tries {
    const known = this.#tries.get(address)
    if (known !== undefined) return known
    // The one that has not been heard of for the longest time is forgotten.
    if (this.#tries.size >= MOST_ADDRESSES) this.#tries.delete(this.#tries.keys().next().value!)
    const tries = { wrong: 0, waiting: 0, turn: Promise.resolve() }
    this.#tries.set(address, tries)
    return tries
  }
}

function delayMs(wrong: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.min(wrong - FREE_TRIES, 10), MOST_DELAY_MS)
}
