import { setTimeout as delay } from 'node:timers/promises'
import { recordsOf, shownRecord } from './collect.ts'
import type { Bench } from './bench.ts'
import { parseLsn } from '../../../src/postgres/wire/lsn.ts'

const PAUSE_MS = 300
/** Records below a committed offset whose documents are looked at, each time. */
const RECORDS = 4
/** Rows whose documents are looked at again and again. */
const KEYS = [3, 30, 300]

/** Looks all the time at what readers and operators see. Who is away at the moment is not looked at. */
export class Watcher {
  readonly #bench: Bench
  readonly #stopping = new AbortController()
  readonly #watching: Promise<unknown>
  readonly #toldTraces = new Set<string>()
  #isResumed = false

  constructor(bench: Bench) {
    this.#bench = bench
    const looks = [() => this.#slot(), () => this.#committed(), () => this.#documents(), () => this.#states()]
    this.#watching = Promise.all(looks.map((look) => this.#repeat(look)))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#watching
  }

  async #repeat(look: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await look().catch(() => {})
      await delay(PAUSE_MS)
    }
  }

  async #slot(): Promise<void> {
    const { postgres, slot, worker, tables, history, topicOf } = this.#bench
    const sql = `select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = '${slot}'`
    const [row] = await postgres.query(sql, 'postgres', 'watcher')
    const ends: Record<string, number> = {}
    for (const table of tables) {
      const { status, body } = await worker.rest('GET', `/topics/${topicOf(table)}`)
      const end =
        status === 200 && (body as { partitions: { end_offset: number }[] }).partitions[0]!.end_offset
      if (end !== false) ends[table] = end
    }
    const confirmedLsn = Number(parseLsn(row!['lsn'] as string))
    history.add({ kind: 'slot', at: new Date().toISOString(), confirmedLsn, ends })
  }

  async #committed(): Promise<void> {
    const { worker, tables, history, topicOf } = this.#bench
    const offsets = await this.#bench.sinkOffsets()
    for (const table of tables) {
      const topic = topicOf(table)
      const committed = offsets.get(topic) ?? 0
      if (committed === 0) continue
      let left = RECORDS
      for await (const record of recordsOf(worker, topic, Math.max(0, committed - RECORDS))) {
        if (record.offset >= committed || left-- === 0) break
        const shown = shownRecord(table, record)
        if (shown === null || shown.version === null || shown.key === null) continue
        const found = await this.#versionOf(table, shown.key)
        const { key, version, offset } = shown
        history.add({ kind: 'committed', at: new Date().toISOString(), table, committed, offset, key, version, found }) // prettier-ignore
      }
    }
  }

  async #documents(): Promise<void> {
    const { history, tables } = this.#bench
    for (const table of tables) {
      for (const key of KEYS) {
        const at = new Date().toISOString()
        const version = await this.#versionOf(table, key)
        if (version !== null) history.add({ kind: 'look', at, table, key, version })
      }
    }
  }

  /** A task that fails for good asks for an operator: only some faults may do that, and they say so before. */
  async #states(): Promise<void> {
    const { worker, history } = this.#bench
    if (!this.#isResumed && worker.output.includes('going on with an interrupted snapshot')) {
      this.#isResumed = true
      history.add({ kind: 'resumed', at: new Date().toISOString() })
    }
    for (const name of ['source', 'sink']) {
      const { tasks, connector, trace } = await worker.states(name)
      if (![connector, ...tasks].includes('FAILED') || this.#toldTraces.has(trace)) continue
      const isExpected = this.#bench.mayFail
      if (isExpected) continue
      this.#toldTraces.add(trace)
      history.trouble(`${name} FAILED: ${trace}`)
    }
  }

  async #versionOf(table: string, key: number): Promise<number | null> {
    const answer = await fetch(`${this.#bench.searchUrl}/${this.#bench.topicOf(table)}/_doc/${key}`)
    if (answer.status === 404) return null
    if (!answer.ok) throw new Error(`_doc answered ${answer.status}`)
    const { _source: source } = (await answer.json()) as { _source: { version: number } }
    return source.version
  }
}
