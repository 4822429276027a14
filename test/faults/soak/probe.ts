import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresServer } from '../../servers/postgres.ts'
import { PROBE_ID, TABLE } from './soak-table.ts'

const EVERY_MS = 1000
/** Who is that late has lost it, or never comes. */
const DEADLINE_MS = 10 * 60_000

/** Changes a row each second and reads it from the index until it is there: what a user sees, whatever the worker says. */
export class Probe {
  readonly #postgres: PostgresServer
  readonly #documentUrl: string
  #tookMs: number[] = []
  #startMs = 0

  constructor(postgres: PostgresServer, searchUrl: string, index: string) {
    this.#postgres = postgres
    this.#documentUrl = `${searchUrl}/${index}/_doc/${PROBE_ID}`
  }

  /** Until the signal; what is under way then is waited for. */
  async keepLooking(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#startMs = performance.now()
      await this.look()
      const passedMs = performance.now() - this.#startMs
      this.#tookMs.push(passedMs)
      await delay(Math.max(0, EVERY_MS - passedMs), undefined, { signal }).catch(() => {})
    }
  }

  /** Resolves when a change that is made now can be read; throws when it never can. */
  async look(): Promise<void> {
    const startMs = performance.now()
    const [row] = await this.#postgres.query(
      `update ${TABLE} set version = version + 1 where id = ${PROBE_ID} returning version`,
      'postgres',
      'probe',
    )
    while ((await this.#indexedVersion()) < (row!['version'] as number)) {
      if (performance.now() - startMs > DEADLINE_MS)
        throw new Error('A change of the probe was never indexed')
      await delay(Math.max(2, (performance.now() - startMs) / 20))
    }
  }

  /** How long each took that was seen since the last call; where none was, for how long one is waited for. */
  take(): number[] {
    const taken = this.#tookMs
    this.#tookMs = []
    return taken.length > 0 ? taken : [performance.now() - this.#startMs]
  }

  async #indexedVersion(): Promise<number> {
    const answer = await fetch(this.#documentUrl)
    const { _source: source } = (await answer.json()) as { _source?: { version: number } }
    return source?.version ?? 0
  }
}
