import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from '../properties.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { freshSeed } from '../fresh-seed.ts'
import { sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { parseJson, printJson, type Json } from './lossless-json.ts'
import { PASS_ON } from './play-scenario.ts'
import { RANDOM_TYPES, type RandomType } from './random-values.ts'

/** Tables and rows of each; TAILRACE_RANDOM_TABLES=200 for a large dose, TAILRACE_RANDOM_SEED to see a failure again. */
const TABLES = Number(process.env['TAILRACE_RANDOM_TABLES'] ?? 12)
const ROWS = 10
const SEED = Number(process.env['TAILRACE_RANDOM_SEED'] ?? freshSeed)

let postgres: PostgresServer
let worker: WorkerProcess

before(async () => void ([postgres, worker] = await Promise.all([startPostgres(), startWorker()])))
after(async () => {
  await worker[Symbol.asyncDispose]()
  await postgres.stop()
})

const TYPES = `create type mood as enum ('sad', 'very "happy"'); create type pair as (x int, y text, z numeric);
  create domain cents as numeric(8,2); create domain label as text`

const FORMS = {
  'value.numeric.form': 'number',
  'value.time.form': 'iso',
  'value.json.form': 'object',
  'value.hstore.form': 'object',
  'value.composite.form': 'struct',
  'value.array.form': 'nested',
} as const

interface RandomTable {
  readonly columns: readonly RandomType[]
  readonly rows: readonly (readonly (string | null)[])[]
}

const table: fc.Arbitrary<RandomTable> = fc
  .array(fc.constantFrom(...RANDOM_TYPES), { minLength: 1, maxLength: 12 })
  .chain((columns) => {
    const row = fc.tuple(...columns.map(({ texts }) => fc.option(texts, { freq: 8 })))
    return fc.record({
      columns: fc.constant(columns),
      rows: fc.array(row, { minLength: ROWS, maxLength: ROWS }),
    })
  })

for (const forms of ['reference', 'own'] as const) {
  test(`random rows in forms of ${forms === 'own' ? 'its own' : 'the reference'} say what PostgreSQL says, both ways alike (seed ${SEED})`, async () => {
    const database = `random_${forms}`
    await postgres.query(`create database ${database}`)
    await postgres.query(TYPES, database)
    const tables = fc.sample(table, { numRuns: TABLES, seed: SEED })
    for (const [i, { columns }] of tables.entries()) {
      const list = columns.map(({ sql }, column) => `, c${column} ${sql}`).join('')
      await postgres.query(`create table t${i} (id int primary key${list})`, database)
    }
    const half = ROWS / 2
    for (const [i, { rows }] of tables.entries()) await insert(database, i, rows.slice(0, half), 0)
    const general = { transforms: 'pass,unwrap', ...PASS_ON }
    for (const way of ['compiled', 'general'] as const) {
      await worker.create(
        `${forms} ${way}`,
        sourceConfig(postgres, {
          'database.dbname': database,
          'topic.prefix': `${forms}_${way}`,
          'slot.name': `${forms}_${way}`,
          'transforms.unwrap.add.fields': '',
          ...(forms === 'own' && FORMS),
          ...(way === 'general' && general),
        }),
      )
      await waitForRecords(`${forms}_${way}`, tables.length, half)
    }
    for (const [i, { rows }] of tables.entries()) await insert(database, i, rows.slice(half), half)
    for (const way of ['compiled', 'general']) await waitForRecords(`${forms}_${way}`, tables.length, ROWS)

    for (const [i, { columns }] of tables.entries()) {
      const compiled = await values(`${forms}_compiled.public.t${i}`)
      assert.deepEqual(await values(`${forms}_general.public.t${i}`), compiled)
      const rows = await postgres.query(`select to_jsonb(t)::text as row from t${i} t order by id`, database)
      for (const [place, { row }] of rows.entries()) {
        const wanted = parseJson(row as string) as ReadonlyMap<string, Json>
        compareRow(columns, forms, wanted, parseJson(compiled[place]!) as ReadonlyMap<string, Json>)
      }
    }
  })
}

async function insert(
  database: string,
  i: number,
  rows: readonly (readonly (string | null)[])[],
  firstId: number,
): Promise<void> {
  const literal = (text: string | null) => (text === null ? 'null' : `'${text.replaceAll("'", "''")}'`)
  const tuples = rows.map((row, at) => `(${[String(firstId + at), ...row.map(literal)].join(', ')})`)
  await postgres.query(`insert into t${i} values ${tuples.join(', ')}`, database)
}

async function waitForRecords(prefix: string, tables: number, count: number): Promise<void> {
  await waitFor(`${count} records in each topic of ${prefix}`, async () => {
    for (let i = 0; i < tables; i++) {
      if ((await worker.records(`${prefix}.public.t${i}`)) < count) return false
    }
    return true
  })
}

async function values(topic: string): Promise<readonly string[]> {
  const { body } = await worker.rest('GET', `/topics/${topic}/records?partition=0&offset=0&limit=1000`)
  return (body as { records: { value: string }[] }).records.map(({ value }) => value)
}

function compareRow(
  columns: readonly RandomType[],
  forms: 'reference' | 'own',
  wanted: ReadonlyMap<string, Json>,
  got: ReadonlyMap<string, Json>,
): void {
  for (const [column, type] of columns.entries()) {
    const name = `c${column}`
    const decode = forms === 'own' ? type.fromForms : type.fromReference
    if (decode === 'incomplete') continue
    if (decode === 'absent') {
      assert.equal(got.has(name), false, `${type.sql} is not in the record`)
      continue
    }
    const [truth, value] = [wanted.get(name)!, got.get(name)!]
    assert.equal(
      printJson(value === null ? null : type.canonical(decode(value))),
      printJson(truth === null ? null : type.canonical(truth)),
      `${type.sql} of row ${printJson(wanted.get('id')!)}`,
    )
  }
}
