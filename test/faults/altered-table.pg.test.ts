import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startPostgres } from '../servers/postgres.ts'
import { sourceConfig, startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

describe('a table that changes while it is streamed', async () => {
  const postgres = await startPostgres()
  after(() => postgres.stop())

  // Each between two changes of one transaction; what the row then looks like.
  const steps = [
    { alter: 'add column n int default 7', row: { name: 'x', n: 7 } },
    { alter: "add column mood mood default 'ok'", row: { name: 'x', n: 7, mood: 'ok' } },
    { alter: 'drop column name', row: { n: 7, mood: 'ok' } },
    { alter: 'rename column n to number', row: { number: 7, mood: 'ok' } },
    { alter: 'alter column number type text', row: { number: '7', mood: 'ok' } },
    { alter: 'drop column mood', row: { number: '7' } },
    {
      alter: 'alter column number drop default, alter column number type bigint using number::bigint',
      row: {},
    },
  ] as const

  for (const when of ['while it is streamed', 'while nobody streams'] as const) {
    it(`${when}: every row has the columns of its moment, in order, and the key stays`, async () => {
      const table = when === 'while it is streamed' ? 'altered' : 'altered_before'
      const topic = `${table}.public.${table}`
      await postgres.query(`drop type if exists mood; create type mood as enum ('sad', 'ok')`)
      await postgres.query(`create table ${table} (id int primary key, name text default 'x')`)
      await postgres.query(`insert into ${table} (id) values (0)`)
      await using worker = await startWorker()
      const names = { 'topic.prefix': table, 'slot.name': table, 'publication.name': table }
      await worker.create(
        'source',
        sourceConfig(postgres, {
          ...names,
          'table.include.list': `public.${table}`,
          'slot.retry.delay.ms': '200',
        }),
      )
      await waitFor('the snapshot', async () => (await worker.records(topic)) === 1)
      await postgres.query(`insert into ${table} (id) values (1)`)
      await waitFor('the stream', async () => (await worker.records(topic)) === 2)
      if (table === 'altered_before') await worker.kill()
      for (const [i, { alter }] of steps.entries()) {
        const id = 10 * (i + 1)
        await postgres.query(
          `begin; insert into ${table} (id) values (${id}); alter table ${table} ${alter};
           insert into ${table} (id) values (${id + 1}); commit`,
        )
      }
      await postgres.query(
        `begin; delete from ${table} where id = 0; drop table ${table}; commit; drop type mood`,
      )
      if (table === 'altered_before') await worker.start()
      // The delete is a tombstone.
      const count = 2 + 2 * steps.length + 1
      await waitFor('the rest', async () => (await worker.records(topic)) >= count)
      const { body } = await worker.rest('GET', `/topics/${topic}/records?partition=0&offset=2&limit=100`)
      const rows = (body as { records: { key: string; value: string }[] }).records.map(({ key, value }) => ({
        key: JSON.parse(key) as unknown,
        value: JSON.parse(value) as Record<string, unknown>,
      }))
      for (const [i, { row }] of steps.entries()) {
        const before = i === 0 ? { name: 'x' } : steps[i - 1]!.row
        for (const [at, columns] of [before, row].entries()) {
          const id = 10 * (i + 1) + at
          const { key, value } = rows[2 * i + at]!
          assert.deepEqual(key, { id })
          const { __op, __ts_ms, ...seen } = value
          const nulls = i === steps.length - 1 && at === 1 ? { number: null } : {}
          assert.deepEqual(seen, { id, ...columns, ...nulls }, `row ${id}`)
          assert.deepEqual([__op, typeof __ts_ms], ['c', 'number'])
        }
      }
      assert.equal((await worker.states('source')).tasks[0], 'RUNNING')
    })
  }
})
