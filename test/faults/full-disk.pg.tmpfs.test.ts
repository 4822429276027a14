import assert from 'node:assert/strict'
import { it } from 'node:test'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { mountSmallDisk } from '../servers/small-disk.ts'
import { sinkConfig, sourceConfig, startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { missingIds } from './documents.ts'

const ROWS = 100_000
const TOPIC = 'full.public.full'

it('waits on a full disk with a clear reason, stays up, and goes on without a loss when there is room', async () => {
  await using stack = new AsyncDisposableStack()
  const postgres = stack.use(await startPostgres())
  const search = stack.use(await startSearch())
  const disk = stack.use(await mountSmallDisk(12))
  const worker = stack.use(await startWorker({ dataDir: disk.path }))
  await postgres.query('create table "full" (id bigint primary key, name text, description text)')
  await postgres.query(
    `insert into "full" select g, 'name-' || g, repeat(md5(g::text), 3) from generate_series(1, ${ROWS}) g`,
  )
  await worker.create(
    'source',
    sourceConfig(postgres, { 'table.include.list': 'public.full', 'topic.prefix': 'full' }),
  )
  await worker.create('sink', sinkConfig(search.url, TOPIC))

  const trace = await waitFor('the task to say that the disk is full', async () => {
    const { tasks, trace } = await worker.states('source')
    return tasks[0] === 'RESTARTING' && trace
  })
  assert.match(trace, /disk is full|no space/i)
  assert.ok(trace.includes(disk.path), `names the directory: ${trace}`)
  // Everything else goes on: REST answers, and what is in the log is readable.
  assert.equal((await worker.rest('GET', '/connectors')).status, 200)
  const { body } = await worker.rest('GET', `/topics/${TOPIC}/records?limit=1`)
  assert.equal((body as { records: unknown[] }).records.length, 1)

  disk.grow(200)
  await waitFor('the task to go on by itself', async () => {
    const { tasks } = await worker.states('source')
    return tasks[0] === 'RUNNING'
  })
  await waitFor(
    'every row in the index',
    async () => (await missingIds(search.url, TOPIC, ROWS)).length === 0,
  )
})
