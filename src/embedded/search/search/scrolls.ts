import { randomBytes } from 'node:crypto'
import { toText } from '../json/json-object.ts'
import { illegalArgument, SearchError } from '../search-error.ts'
import type { SearchSnapshot } from './search-snapshot.ts'

/** Each holds a connection to the database, and the log of what was written since. */
const MOST_SCROLLS = 20
const LONGEST_MS = 60 * 60_000
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

interface Scroll {
  readonly snapshot: SearchSnapshot
  timer: NodeJS.Timeout
}

/** Searches whose pages are asked for one after the other, each for as long as it is kept alive. */
export class Scrolls {
  readonly #scrolls = new Map<string, Scroll>()

  /** Takes the snapshot over, and closes it in the end. Answers the id to go on with. */
  add(snapshot: SearchSnapshot, keepAliveMs: number): string {
    if (this.#scrolls.size >= MOST_SCROLLS) {
      snapshot.close()
      const reason = `Trying to create too many scroll contexts. Must be less than or equal to: [${MOST_SCROLLS}].`
      throw new SearchError(429, 'rejected_execution_exception', reason)
    }
    const id = randomBytes(24).toString('base64url')
    this.#scrolls.set(id, { snapshot, timer: this.#expiry(id, keepAliveMs) })
    return id
  }

  /** @param keepAliveMs undefined: no longer than before */
  get(id: string, keepAliveMs: number | undefined): SearchSnapshot {
    const scroll = this.#scrolls.get(id)
    if (scroll === undefined) {
      const reason = `No search context found for id [${id}]`
      throw new SearchError(404, 'search_context_missing_exception', reason)
    }
    if (keepAliveMs !== undefined) {
      clearTimeout(scroll.timer)
      scroll.timer = this.#expiry(id, keepAliveMs)
    }
    return scroll.snapshot
  }

  /** Answers how many there were. */
  end(ids: readonly string[]): number {
    return ids.filter((id) => this.#end(id)).length
  }

  close(): void {
    for (const id of this.#scrolls.keys()) this.#end(id)
  }

  #end(id: string): boolean {
    const scroll = this.#scrolls.get(id)
    if (scroll === undefined) return false
    clearTimeout(scroll.timer)
    this.#scrolls.delete(id)
    scroll.snapshot.close()
    return true
  }

  get all(): readonly string[] {
    return [...this.#scrolls.keys()]
  }

  #expiry(id: string, afterMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#end(id), afterMs).unref()
  }
}

/** `1m`, `30s`, … of a parameter or a body. */
export function parseKeepAlive(value: unknown): number {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(toText(value)) ?? []
  if (unit === undefined) {
    throw illegalArgument(
      `failed to parse setting [scroll] with value [${toText(value)}] as a time value: unit is missing or unrecognized`,
    )
  }
  const ms = Number(count) * UNIT_MS[unit]!
  if (ms > LONGEST_MS) {
    throw illegalArgument(
      `Keep alive for request (${toText(value)}) is too large. It must be less than (1h).`,
    )
  }
  return ms
}
