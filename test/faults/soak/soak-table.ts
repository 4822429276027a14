import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresServer } from '../../servers/postgres.ts'
import { eachDocument } from '../documents.ts'
import { Dice } from '../ledger.ts'

export const TABLE = 'soak'
/** The row that the probe changes, and nobody else. */
export const PROBE_ID = 0
const MOST_CHANGES = 39
/** Who is late by more than this writes larger transactions until it is not. */
const LATE_MS = 1000

/** A table of a fixed number of rows: the newest come, the oldest go, those between change. */
export class SoakTable {
  /** Inserts, updates and deletes since `keepChanging`. */
  changes = 0
  readonly #postgres: PostgresServer
  readonly #rows: number
  readonly #dice = new Dice()
  /** Those rows that there are: from the first up to, and without, the next. */
  #firstId = 1
  #nextId = 1

  constructor(postgres: PostgresServer, rows: number) {
    this.#postgres = postgres
    this.#rows = rows
  }

  async create(): Promise<void> {
    await this.#postgres.query(
      `create table ${TABLE} (id bigint primary key, version int not null default 1, name text not null,
        amount numeric(12, 2) not null, note text, changed_at timestamptz not null default now())`,
    )
    await this.#postgres.query(
      `${this.#insert(this.#rows)}; insert into ${TABLE} (id, name, amount) values (${PROBE_ID}, 'probe', 0)`,
    )
  }

  /** Transactions of some changes each, so many changes a second, until the signal. */
  async keepChanging(ratePerS: number, signal: AbortSignal): Promise<void> {
    const startMs = performance.now()
    while (!signal.aborted) {
      const due = ((performance.now() - startMs) / 1000) * ratePerS - this.changes
      if (due < 1) {
        await delay(2)
        continue
      }
      const isLate = due > (LATE_MS / 1000) * ratePerS
      await this.#transaction((1 + this.#dice.below(MOST_CHANGES)) * (isLate ? 10 : 1))
    }
  }

  /** What differs between the table and its index, in words; nothing is changed meanwhile. */
  async differences(url: string, index: string): Promise<string[]> {
    const rows = await this.#postgres.query(
      `select id::int, version, name, amount::float8, note, changed_at from ${TABLE}`,
    )
    const wanted = new Map(rows.map((row) => [row['id'], textOf(row)]))
    const wrong: string[] = []
    await eachDocument(url, index, (document) => {
      const id = document['id']
      const row = wanted.get(id)
      if (row === undefined) wrong.push(`document ${String(id)} has no row`)
      else if (row !== textOf(document)) wrong.push(`document ${String(id)} is not as its row`)
      wanted.delete(id)
    })
    for (const id of wanted.keys()) wrong.push(`row ${String(id)} has no document`)
    return wrong
  }

  async #transaction(changes: number): Promise<void> {
    const moved = this.#dice.below(Math.floor(changes / 2) + 1)
    const updated = new Set<number>()
    while (updated.size < changes - 2 * moved) {
      // Those that are deleted by this transaction are the oldest.
      updated.add(this.#firstId + moved + this.#dice.below(this.#nextId - this.#firstId - moved))
    }
    const statements = ['begin']
    if (updated.size > 0) {
      statements.push(
        `update ${TABLE} set version = version + 1, amount = amount + 1.25, changed_at = now() where id in (${[...updated].join()})`,
      )
    }
    if (moved > 0) {
      statements.push(this.#insert(moved))
      statements.push(
        `delete from ${TABLE} where id between ${this.#firstId} and ${this.#firstId + moved - 1}`,
      )
      this.#firstId += moved
    }
    await this.#postgres.query([...statements, 'commit'].join('; '))
    this.changes += changes
  }

  #insert(rows: number): string {
    const first = this.#nextId
    this.#nextId += rows
    return `insert into ${TABLE} (id, name, amount, note) select g, 'name ' || g, g % 1000, repeat(chr(97 + g % 26), 100) from generate_series(${first}, ${first + rows - 1}) g`
  }
}

function textOf(row: Readonly<Record<string, unknown>>): string {
  const { id, version, name, amount, note, changed_at: changedAt } = row
  return JSON.stringify([id, version, name, amount, note, new Date(changedAt as string | Date).getTime()])
}
