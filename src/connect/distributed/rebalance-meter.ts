import { monotonicMs, RecentValues } from '../recent-values.ts'
import type { RebalanceReading } from '../herder.ts'

/** Counts the rounds in which a worker's group shared out its work, and their time. */
export class RebalanceMeter {
  readonly #times = new RecentValues()
  readonly #now: () => number
  #completed = 0
  /** Null: no round is under way. */
  #beganMs: number | null = null
  #endedMs: number | null = null

  constructor(now: () => number = monotonicMs) {
    this.#now = now
  }

  /** A round that is tried again goes on. */
  began(): void {
    this.#beganMs ??= this.#now()
  }

  completed(): void {
    if (this.#beganMs === null) return
    const nowMs = this.#now()
    this.#completed++
    this.#times.record(nowMs - this.#beganMs, nowMs)
    this.#beganMs = null
    this.#endedMs = nowMs
  }

  read(): Pick<RebalanceReading, 'completed' | 'times' | 'sinceLastMs'> {
    const nowMs = this.#now()
    return {
      completed: this.#completed,
      times: this.#times.read(nowMs),
      sinceLastMs: this.#endedMs === null ? null : nowMs - this.#endedMs,
    }
  }
}
