import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresServer } from '../../servers/postgres.ts'
import { Dice } from '../ledger.ts'
import type { Commit } from './history.ts'
import { createNotedTable, noteAltered } from './journal.ts'
import { parseLsn } from '../../../src/postgres/wire/lsn.ts'
import type { RunPlan } from './run-plan.ts'

const WRITERS = 3
/** Keys that were moved are this much higher; a multiple of the writers. */
const MOVED = 3_000_000
const MOST_TABLES = 6

interface Table {
  readonly name: string
  /** c0, c1, … that there are, as far as this process knows: several alter them. */
  readonly columns: string[]
}

/** Random transactions of every kind, by several at a time, each with keys of its own. */
export class Workload {
  readonly #server: () => PostgresServer
  readonly #onCommit: (commit: Commit) => void
  readonly #seed: number
  readonly #truncates: boolean
  readonly #tables: Table[] = []
  readonly #nextId = Array.from({ length: WRITERS }, () => 1)
  #stopping = new AbortController()
  #writing: Promise<unknown> = Promise.resolve()
  #made = 0
  commits = 0
  /**
   * PostgreSQL's decoding may fail for good with an internal error where a slot is made beside DDL: then there is nothing
   * to judge but that the status says so.
   */
  altersTables = false

  /** @param server the one to write to now: after a failover another one */
  constructor(
    server: () => PostgresServer,
    { seed, truncates }: Pick<RunPlan, 'seed' | 'truncates'>,
    onCommit: (commit: Commit) => void,
  ) {
    this.#server = server
    this.#seed = seed
    this.#truncates = truncates
    this.#onCommit = onCommit
  }

  get tables(): readonly string[] {
    return this.#tables.map(({ name }) => name)
  }

  async createTables(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const name = `t${this.#made++}`
      await this.#server().query(createNotedTable(name))
      if (i === 1) await this.#server().query(`alter table ${name} replica identity full`)
      this.#tables.push({ name, columns: ['c0'] })
    }
  }

  /** Rows that are there before anybody looks. */
  async fill(rows: number): Promise<void> {
    for (const { name } of this.#tables) await this.#server().query(this.#insert(name, 0, rows))
  }

  start(): void {
    this.#stopping = new AbortController()
    const { signal } = this.#stopping
    this.#writing = Promise.all(this.#nextId.map((_, writer) => this.#write(writer, signal)))
  }

  /** Resolves when no transaction is open any more. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#writing
  }

  async #write(writer: number, signal: AbortSignal): Promise<void> {
    const dice = new Dice(this.#seed * 31 + writer)
    while (!signal.aborted) {
      try {
        await this.#transaction(writer, dice)
      } catch {
        // The server is away, or the transaction cannot be: what the notes say counts. One may still be open.
        await this.#query(writer, 'rollback').catch(() => delay(100))
      }
      await delay(dice.below(40))
    }
  }

  async #transaction(writer: number, dice: Dice): Promise<void> {
    const special = dice.below(300)
    const table = dice.pick(this.#tables)
    if (this.altersTables && special < 2 && this.#tables.length < MOST_TABLES)
      return this.#createTable(writer, dice)
    if (this.altersTables && special < 7) return this.#alter(writer, table, dice)
    const work = Array.from({ length: 1 + dice.below(4) }, () => this.#change(writer, dice))
    if (special === 7 && this.#truncates && this.altersTables)
      work.push(`truncate ${dice.pick(this.#tables).name}`)
    if (special === 8) work.push(this.#insert(table.name, writer, 2000 + dice.below(4000)))
    if (special === 9)
      work.push(`update ${table.name} set name = 'all' where note is null and id % ${WRITERS} = ${writer}`)
    await this.#query(writer, 'begin')
    for (const sql of work) {
      await this.#query(writer, sql)
      // Longer than others that begin later and commit earlier.
      if (special >= 10 && special < 20) await delay(dice.below(1500))
    }
    if (dice.below(12) === 0) await this.#query(writer, 'rollback')
    else await this.#commit(writer)
  }

  async #commit(writer: number): Promise<void> {
    const [before] = await this.#query(
      writer,
      'select pg_current_xact_id()::text::int as xid, pg_current_wal_insert_lsn()::text as lsn',
    )
    const { xid, lsn } = before as { xid: number; lsn: string }
    const commit = { kind: 'commit', xid, afterLsn: Number(parseLsn(lsn)) } as const
    try {
      await this.#query(writer, 'commit')
    } catch (error) {
      this.#onCommit({ ...commit, lsn: null })
      throw error
    }
    this.commits++
    const [end] = await this.#query(writer, 'select pg_current_wal_insert_lsn()::text as lsn')
    this.#onCommit({ ...commit, lsn: Number(parseLsn(end!['lsn'] as string)) })
  }

  #change(writer: number, dice: Dice): string {
    const { name, columns } = dice.pick(this.#tables)
    const last = this.#nextId[writer]!
    const first = Math.max(0, last - 1 - dice.below(400)) * WRITERS
    const some = `id % ${WRITERS} = ${writer} and id between ${first} and ${first + dice.below(30) * WRITERS}`
    switch (dice.below(16)) {
      case 0:
        return `delete from ${name} where ${some}`
      case 1:
        return `update ${name} set id = id + ${MOVED} where id < ${MOVED} and ${some}`
      case 2:
        return `savepoint s; update ${name} set name = 'never' where ${some}; delete from ${name} where ${some}; rollback to s`
      case 3:
        return `update ${name} set note = repeat('${String.fromCharCode(97 + dice.below(26))}', ${2000 + dice.below(4000)}) where id % 5 = 0 and ${some}`
      case 4:
        return `update ${name} set note = null where ${some}`
      case 5:
      case 6:
        return `update ${name} set ${dice.pick(columns)} = '${dice.below(1000)}' where ${some}`
      case 7:
      case 8:
      case 9:
      case 10:
        return `update ${name} set name = 'name ' || ${dice.below(1e6)} where ${some}`
      default:
        return this.#insert(name, writer, 1 + dice.below(12))
    }
  }

  #insert(table: string, writer: number, rows: number): string {
    const first = this.#nextId[writer]!
    this.#nextId[writer] = first + rows
    return `insert into ${table} (id, name, note) select g * ${WRITERS} + ${writer}, 'name ' || g,
      case when g % 50 = 0 then repeat(chr(97 + g % 26), 3000) end from generate_series(${first}, ${first + rows - 1}) g`
  }

  async #createTable(writer: number, dice: Dice): Promise<void> {
    const name = `t${this.#made++}`
    await this.#query(writer, 'begin')
    await this.#query(writer, createNotedTable(name))
    await this.#query(writer, this.#insert(name, writer, 1 + dice.below(200)))
    await this.#commit(writer)
    this.#tables.push({ name, columns: ['c0'] })
  }

  async #alter(writer: number, { name, columns }: Table, dice: Dice): Promise<void> {
    const column = dice.pick(columns)
    const added = `c${dice.below(1e6)}`
    const [sql, after] = ((): [string, string[]] => {
      const others = columns.filter((one) => one !== column)
      switch (dice.below(4)) {
        case 0:
          return [`rename ${column} to ${added}`, [...others, added]]
        case 1:
          return [`alter ${column} drop default, alter ${column} type text using ${column}::text`, columns]
        case 2:
          if (others.length > 0) return [`drop ${column}`, others]
          break
        default:
      }
      return [`add ${added} int default ${dice.below(100)}`, [...columns, added]]
    })()
    await this.#query(writer, 'begin')
    await this.#query(writer, `alter table ${name} ${sql}`)
    await this.#query(writer, noteAltered(name))
    await this.#commit(writer)
    columns.splice(0, columns.length, ...after)
  }

  #query(writer: number, sql: string): Promise<Record<string, unknown>[]> {
    return this.#server().query(sql, 'postgres', `writer ${writer}`)
  }
}
