import type { AppendRequest } from '../../log.ts'

/**
 * Appends under way, in the order of the calls. When one fails, those behind it that write on the same partitions or
 * state must fail too: otherwise the source offset of a later append would stand for the records of the one that failed.
 */
export class AppendOrder {
  readonly #underWay = new Set<AppendTurn>()
  /** The last append under way that writes a state entry. */
  readonly #lastOfState = new Map<string, AppendTurn>()

  enter(request: AppendRequest): AppendTurn {
    const states = (request.state ?? []).map(({ space, key }) => JSON.stringify([space, key]))
    const partitions = request.batches.map(({ topic, partition }) => `${topic}/${partition}`)
    const before = new Set(states.flatMap((state) => this.#lastOfState.get(state) ?? []))
    const turn = new AppendTurn([...states, ...partitions], [...before], (failed, error) => {
      this.#underWay.delete(turn)
      for (const state of states) if (this.#lastOfState.get(state) === turn) this.#lastOfState.delete(state)
      if (!failed) return
      // A set keeps the order: the ones after `turn` are those that entered later, since it was in its place.
      for (const other of this.#underWay) if (other.number > turn.number) other.failAfter(turn, error)
    })
    this.#underWay.add(turn)
    for (const state of states) this.#lastOfState.set(state, turn)
    return turn
  }
}

let turns = 0

export class AppendTurn {
  readonly number = ++turns
  readonly #writes: ReadonlySet<string>
  readonly #before: readonly AppendTurn[]
  readonly #onEnd: (failed: boolean, error: unknown) => void
  readonly #ended = Promise.withResolvers<undefined>()
  #error: unknown = null

  constructor(
    writes: readonly string[],
    before: readonly AppendTurn[],
    onEnd: (failed: boolean, error: unknown) => void,
  ) {
    this.#writes = new Set(writes)
    this.#before = before
    this.#onEnd = onEnd
  }

  /** Throws the error of an append before this one on which it depends. */
  check(): void {
    if (this.#error !== null) throw this.#error
  }

  /** Resolves when those before that write the same state have ended, so that the last one counts. */
  async stateTurn(): Promise<void> {
    for (const turn of this.#before) await turn.#ended.promise
    this.check()
  }

  /** @param error null when all of it is durable */
  end(error: unknown): void {
    this.#onEnd(error !== null, error)
    this.#ended.resolve(undefined)
  }

  failAfter(earlier: AppendTurn, error: unknown): void {
    if (this.#error !== null || earlier.#writes.isDisjointFrom(this.#writes)) return
    this.#error = error
  }
}
