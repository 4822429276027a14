import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { Dice } from './ledger.ts'

/** TAILRACE_TEST_KILLS=20 for the large dose. */
const KILLS = Number(process.env['TAILRACE_TEST_KILLS'] ?? 3)
const TOPIC = 'replay.public.replay'
const LAST_ID = 1_000_000
const LONG = { deadlineMs: 120_000 }

describe('a worker killed with -9 at random moments', async () => {
  const postgres = await startPostgres()
  after(() => postgres.stop())

  it(`${KILLS} times during inserts, updates, deletes, key changes, truncates and DDL: its topic still gives the table`, async (t) => {
    const dice = new Dice()
    t.diagnostic(`TAILRACE_TEST_SEED=${dice.seed}`)
    await postgres.query('create table replay (id int primary key, c0 text)')
    await using worker = await startWorker()
    const names = { 'topic.prefix': 'replay', 'slot.name': 'replay', 'publication.name': 'replay' }
    const config = sourceConfig(postgres, {
      ...names,
      'table.include.list': 'public.replay',
      'skipped.operations': 'none',
      'slot.retry.delay.ms': '200',
      'slot.max.retries': '50',
      // Read by SQL after most of the kills, and streamed after others.
      'catch.up.threshold.bytes': '100000',
    })
    delete config['transforms']
    await worker.create('source', config)
    let isWriting = true
    const writing = write(postgres, dice, () => isWriting)
    for (let i = 0; i < KILLS; i++) {
      await delay(dice.below(1500))
      await worker.kill()
      if (dice.below(3) === 0) await delay(500)
      await worker.start()
    }
    isWriting = false
    await writing
    await postgres.query(`insert into replay (id) values (${LAST_ID})`)
    const rows = await waitFor('the last row', async () => replayed(worker), LONG)
    const table = await postgres.query('select row_to_json(replay) as row from replay order by id')
    assert.deepEqual(
      [...rows.values()].sort((a, b) => Number(a['id']) - Number(b['id'])),
      table.map(({ row }) => row),
    )
  })
})

/** Changes of every kind, one transaction after the other. */
async function write(postgres: PostgresServer, dice: Dice, goesOn: () => boolean): Promise<void> {
  const columns = ['c0']
  let nextId = 1
  while (goesOn()) {
    const work = Array.from({ length: 1 + dice.below(4) }, () => {
      const some = `id between ${dice.below(nextId)} and ${dice.below(nextId)}`
      const column = dice.pick(columns)
      switch (dice.below(12)) {
        case 0:
          return `delete from replay where ${some}`
        case 1:
          return `update replay set id = id + 100000 where id < 100000 and ${some}`
        case 2:
          return dice.below(8) === 0 ? 'truncate replay' : `update replay set ${column} = null where ${some}`
        case 3:
          return `savepoint s; delete from replay where ${some}; rollback to s`
        case 4:
        case 5:
        case 6:
          return `update replay set ${column} = '${dice.below(1e6)}' where ${some}`
        default: {
          const first = nextId
          nextId += 1 + dice.below(80)
          return `insert into replay (id, ${column}) select g, repeat('v' || g, 20) from generate_series(${first}, ${nextId - 1}) g`
        }
      }
    })
    if (dice.below(15) === 0) {
      const name = `c${columns.length + dice.below(1e6)}`
      columns.push(name)
      work.push(`alter table replay add ${name} text default 'of old'`)
    } else if (dice.below(20) === 0 && columns.length > 2) {
      work.push(`alter table replay drop ${columns.splice(1, 1)[0]}`)
    }
    await postgres.query(`begin; ${work.join('; ')}; commit`)
    await delay(2)
  }
}

type Row = Record<string, string | number | null>

/**
 * The table as the topic has it, once its last row is there. Records may not come twice, nor go back: an LSN belongs to one
 * change, except those of a key change and of a multi-insert.
 */
async function replayed(worker: WorkerProcess): Promise<ReadonlyMap<unknown, Row> | undefined> {
  const rows = new Map<unknown, Row>()
  let isOver = false
  for (let offset = 0; ;) {
    const { status, body } = await worker.rest(
      'GET',
      `/topics/${TOPIC}/records?partition=0&offset=${offset}&limit=1000`,
    )
    if (status !== 200) return undefined
    const { records, next_offset: next } = body as {
      records: { value: string | null }[]
      next_offset: number
    }
    if (next === offset) break
    offset = next
    for (const { value } of records) {
      if (value === null) continue
      const {
        op,
        before,
        after: row,
      } = JSON.parse(value) as { op: string; before: Row | null; after: Row | null }
      if (op === 't') rows.clear()
      else if (op === 'd') assert.ok(rows.delete(before!['id']), `row ${before!['id']} is deleted twice`)
      else {
        assert.equal(rows.has(row!['id']), op === 'u', `row ${row!['id']}: ${op}`)
        rows.set(row!['id'], row!)
        isOver ||= row!['id'] === LAST_ID
      }
    }
  }
  return isOver ? withLaterColumns(rows) : undefined
}

/** DDL writes no change: a row that was not touched since has the default of a column added later, and lacks a dropped one. */
function withLaterColumns(rows: ReadonlyMap<unknown, Row>): ReadonlyMap<unknown, Row> {
  const columns = Object.keys(rows.get(LAST_ID)!)
  return new Map(
    [...rows].map(([id, row]) => [
      id,
      Object.fromEntries(columns.map((name) => [name, name in row ? (row[name] ?? null) : 'of old'])),
    ]),
  )
}
