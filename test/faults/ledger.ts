import assert from 'node:assert/strict'
import { freshSeed } from '../fresh-seed.ts'
import type { PostgresServer } from '../servers/postgres.ts'
import { sinkConfig, sourceConfig, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

/** Random numbers that come again with the same seed. TAILRACE_TEST_SEED repeats a run; failures print theirs. */
export class Dice {
  readonly seed: number
  #state: number

  constructor(seed = Number(process.env['TAILRACE_TEST_SEED'] ?? freshSeed)) {
    this.seed = seed
    this.#state = seed | 0
  }

  /** A whole number from 0, below `limit`. */
  below(limit: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!
  }
}

/**
 * A table whose rows count their own changes: each change of a row raises its version by one. So a topic is right when
 * every row's versions come in order without a gap, and an index when it has each row's last.
 */
export class Ledger {
  readonly name: string
  readonly topic: string
  /** The version of each row, by id from 1 on. */
  readonly versions: number[] = [0]
  readonly #postgres: PostgresServer
  readonly #dice: Dice
  #isWriting = true
  #writing: Promise<void> = Promise.resolve()

  private constructor(postgres: PostgresServer, name: string, dice: Dice) {
    this.#postgres = postgres
    this.#dice = dice
    this.name = name
    this.topic = `${name}.public.${name}`
  }

  static async create(postgres: PostgresServer, name: string, dice: Dice, rows = 0): Promise<Ledger> {
    await postgres.query(`create table ${name} (id int primary key, version int not null, filler text)`)
    const ledger = new Ledger(postgres, name, dice)
    await ledger.insert(rows)
    return ledger
  }

  get rows(): number {
    return this.versions.length - 1
  }

  get changes(): number {
    return this.versions.reduce((sum, version) => sum + version, 0)
  }

  async insert(rows: number): Promise<void> {
    if (rows === 0) return
    const first = this.versions.length
    await this.#commit(
      `insert into ${this.name} select g, 1, repeat('x', 100) from generate_series(${first}, ${first + rows - 1}) g`,
    )
    for (let i = 0; i < rows; i++) this.versions.push(1)
  }

  /** A transaction of some inserts and updates. */
  async write(): Promise<void> {
    const first = this.versions.length
    const inserted = 1 + this.#dice.below(20)
    const updated = new Set<number>()
    for (let i = this.#dice.below(10); i > 0; i--) updated.add(1 + this.#dice.below(first + inserted - 1))
    const update = `update ${this.name} set version = version + 1 where id in (${[...updated, -1].join()})`
    const insert = `insert into ${this.name} select g, 1, repeat('y', 100) from generate_series(${first}, ${first + inserted - 1}) g`
    await this.#commit(`begin; ${insert}; ${update}; commit`)
    for (let i = 0; i < inserted; i++) this.versions.push(1)
    for (const id of updated) this.versions[id]!++
  }

  /** One more change of each of some rows that lie side by side. */
  async change(rows: number): Promise<void> {
    const first = 1 + this.#dice.below(this.rows - rows)
    const between = `id between ${first} and ${first + rows - 1}`
    await this.#commit(`update ${this.name} set version = version + 1 where ${between}`)
    for (let id = first; id < first + rows; id++) this.versions[id]!++
  }

  /** Writes on and on until `settle`. */
  keepWriting(): void {
    this.#isWriting = true
    this.#writing = (async () => {
      while (this.#isWriting) {
        await this.write()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    this.#writing.catch(() => {})
  }

  async stopWriting(): Promise<void> {
    this.#isWriting = false
    await this.#writing
  }

  /** A connector for this table alone; its snapshot and stream give each change once. */
  source(
    at: { readonly host: string; readonly port: number },
    more: Readonly<Record<string, string>> = {},
  ): Record<string, string> {
    return sourceConfig(at, {
      'table.include.list': `public.${this.name}`,
      'topic.prefix': this.name,
      'slot.name': this.name,
      'publication.name': this.name,
      'slot.retry.delay.ms': '200',
      'slot.max.retries': '50',
      transforms: 'unwrap,id',
      'transforms.id.type': 'org.apache.kafka.connect.transforms.ExtractField$Key',
      'transforms.id.field': 'id',
      ...more,
    })
  }

  sink(url: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return sinkConfig(url, this.topic, {
      'key.ignore': 'false',
      'read.timeout.ms': '1000',
      ...more,
    })
  }

  /**
   * Waits until the last state of every row is in the topic and checks all that came before: per row in order, nothing
   * missing; and nothing twice, except what a repeated snapshot has.
   *
   * @param mayRepeat records and offsets were written one after the other: changes may come again, from some point on
   */
  async checkTopic(worker: WorkerProcess, { mayRepeat = false } = {}): Promise<void> {
    const topic = new TopicReader(worker, this.topic)
    const seen = new Map<number, number>()
    await waitFor(`all of ${this.topic}`, async () => {
      for (const { id, version, __op: op } of await topic.more()) {
        const before = seen.get(id) ?? 0
        if (op === 'r') assert.ok(version >= before, `row ${id}: snapshot of ${version} behind ${before}`)
        else if (mayRepeat) assert.ok(version <= before + 1, `row ${id}: ${version} behind ${before}`)
        else assert.equal(version, before + 1, `row ${id}: ${op} to version ${version} behind ${before}`)
        seen.set(id, version)
      }
      return this.versions.every((version, id) => id === 0 || seen.get(id) === version)
    })
    assert.equal(seen.size, this.rows)
  }

  /** Waits until the index has the last state of each row, and nothing else. */
  async checkIndex(url: string, deadlineMs = 180_000): Promise<void> {
    let problem = ''
    const isRight = async () => {
      const found = await readIndex(url, this.topic)
      const wrong = this.versions.findIndex((version, id) => id > 0 && found.get(id) !== version)
      problem = wrong < 0 ? '' : `row ${wrong}: ${found.get(wrong)} in place of ${this.versions[wrong]}`
      return wrong < 0 && found.size === this.rows
    }
    await waitFor(`the index of ${this.name}`, isRight, { deadlineMs }).catch((error: unknown) => {
      throw new Error(`The index of ${this.name} is not right: ${problem}`, { cause: error })
    })
  }

  /** A server that was killed may have committed a transaction without saying so: then its rows tell. */
  async #commit(sql: string): Promise<void> {
    await this.#postgres.query(sql)
  }

  /** Takes the rows as the table has them, after a writer was interrupted. */
  async reload(): Promise<void> {
    const rows = await this.#postgres.query(`select id, version from ${this.name} order by id`)
    this.versions.length = 1
    for (const row of rows) this.versions[row['id'] as number] = row['version'] as number
  }
}

interface LedgerRecord {
  readonly id: number
  readonly version: number
  readonly __op: string
}

/** Reads a topic on and on. */
class TopicReader {
  readonly #worker: WorkerProcess
  readonly #topic: string
  readonly #offsets = new Map<number, number>()

  constructor(worker: WorkerProcess, topic: string) {
    this.#worker = worker
    this.#topic = topic
  }

  async more(): Promise<LedgerRecord[]> {
    const all: LedgerRecord[] = []
    const { status, body } = await this.#worker.rest('GET', `/topics/${this.#topic}`)
    if (status !== 200) return all
    for (const { partition } of (body as { partitions: { partition: number }[] }).partitions)
      await this.#read(partition, all)
    return all
  }

  async #read(partition: number, into: LedgerRecord[]): Promise<void> {
    for (;;) {
      const offset = this.#offsets.get(partition) ?? 0
      const { status, body } = await this.#worker.rest(
        'GET',
        `/topics/${this.#topic}/records?partition=${partition}&offset=${offset}&limit=1000`,
      )
      if (status !== 200) return
      const { records, next_offset: next } = body as {
        records: { value: string | null }[]
        next_offset: number
      }
      if (next === offset) return
      this.#offsets.set(partition, next)
      for (const { value } of records) if (value !== null) into.push(JSON.parse(value) as LedgerRecord)
    }
  }
}

async function readIndex(url: string, index: string): Promise<Map<number, number>> {
  const found = new Map<number, number>()
  await fetch(`${url}/${index}/_refresh`, { method: 'POST' })
  for (let from = 0; ;) {
    const answer = await fetch(`${url}/${index}/_search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ size: 10_000, sort: [{ id: 'asc' }], query: { range: { id: { gt: from } } } }),
    })
    if (!answer.ok) throw new Error(`_search answered ${answer.status}`)
    const { hits } = (await answer.json()) as { hits: { hits: { _source: LedgerRecord }[] } }
    if (hits.hits.length === 0) return found
    for (const { _source: row } of hits.hits) found.set((from = row.id), row.version)
  }
}

/** Waits until every task of a connector runs. */
export async function running(worker: WorkerProcess, name: string): Promise<void> {
  await waitFor(`${name} to run`, async () => {
    const { tasks, trace } = await worker.states(name)
    if (tasks.includes('FAILED')) throw new Error(trace)
    return tasks.length > 0 && tasks.every((state) => state === 'RUNNING')
  })
}
