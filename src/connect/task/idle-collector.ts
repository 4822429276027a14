import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A thread counts as busy above the one and as idle below the other: shares of the time between two looks. */
const BUSY = 0.2
const IDLE = 0.02
const LOOK_EVERY_MS = 2000

/**
 * Frees a thread's memory when its work is done. V8 collects garbage when memory is asked for, so a thread that falls
 * idle after a snapshot keeps what the snapshot left: measured 30 MB of resident memory after a million rows through both
 * connectors, 180 MB against 150 MB. Collects once after each busy time, never while there is work.
 */
export class IdleCollector {
  readonly #utilization: () => number
  readonly #collect: () => void
  #wasBusy = false

  /** @param utilization how busy the thread was since the last call, 0 to 1 */
  constructor(utilization: () => number, collect: () => void) {
    this.#utilization = utilization
    this.#collect = collect
  }

  look(): void {
    const share = this.#utilization()
    if (share > BUSY) this.#wasBusy = true
    if (share >= IDLE || !this.#wasBusy) return
    this.#wasBusy = false
    this.#collect()
  }
}

/** Watches the calling thread until it ends. */
export function collectWhenIdle(): void {
  // The flag only makes the function reachable; it is process-wide and harmless.
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: object) => void
  let last: EventLoopUtilization = performance.eventLoopUtilization()
  const utilization = () => {
    const now = performance.eventLoopUtilization()
    const { utilization: share } = performance.eventLoopUtilization(now, last)
    last = now
    return share
  }
  const collector = new IdleCollector(utilization, () =>
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }),
  )
  setInterval(() => collector.look(), LOOK_EVERY_MS).unref()
}
