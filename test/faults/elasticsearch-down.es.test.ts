import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startElasticsearch } from '../servers/elasticsearch.ts'
import { startFaultyProxy, type SearchFault } from '../servers/faulty-proxy.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { Dice, Ledger } from './ledger.ts'

/** TAILRACE_TEST_FAULTY_DOCUMENTS=200000 is the large dose. */
const FAULTY_DOCUMENTS = Number(process.env['TAILRACE_TEST_FAULTY_DOCUMENTS'] ?? 10_000)
/** For how long nobody answers before; TAILRACE_TEST_AWAY_MS=600000 shows what becomes of memory. */
const AWAY_MS = Number(process.env['TAILRACE_TEST_AWAY_MS'] ?? 0)
const CHANGES_PER_S = Number(process.env['TAILRACE_TEST_AWAY_CHANGES_PER_S'] ?? 0)
/** How often memory is looked at meanwhile. */
const SAMPLES = 20
/** What that writes may take long to arrive behind a line that fails. */
const DRAIN_MS = 180_000 + FAULTY_DOCUMENTS + (AWAY_MS / 1000) * CHANGES_PER_S

function fault(dice: Dice, isBulk: boolean): SearchFault {
  const answers = [{ kind: 'lost answer' }, { kind: 'cut answer' }, { kind: 'truncated JSON' }] as const
  if (!isBulk) return dice.pick<SearchFault>(answers)
  return dice.pick<SearchFault>([
    ...answers,
    { kind: 'refused', status: dice.pick([429, 502, 503, 504]) },
    { kind: 'cut request' },
    { kind: 'slow', ms: dice.below(1000) },
    { kind: 'some rejected' },
  ])
}

describe('an Elasticsearch 8.7.1 that does not take documents', async () => {
  const postgres = await startPostgres()
  const elasticsearch = await startElasticsearch({ version: '8.7.1' })
  after(async () => {
    await elasticsearch.stop()
    await postgres.stop()
  })

  async function put(path: string, body: object): Promise<void> {
    const answer = await fetch(`${elasticsearch.url}/${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.ok(answer.ok, await answer.text())
  }

  async function start(worker: WorkerProcess, name: string): Promise<Ledger> {
    const ledger = await Ledger.create(postgres, name, new Dice(), 2_000)
    await worker.create('sink', ledger.sink(elasticsearch.url))
    await worker.create('source', ledger.source(postgres))
    return ledger
  }

  it('because it was killed, has every row after its restart', async () => {
    await using worker = await startWorker()
    const ledger = await start(worker, 'killed')
    ledger.keepWriting()
    await waitFor('the stream', async () => (await worker.records(ledger.topic)) > 2_200)
    await elasticsearch.kill()
    const records = await worker.records(ledger.topic)
    await waitFor('more records', async () => (await worker.records(ledger.topic)) > records + 500)
    assert.deepEqual((await worker.states('sink')).tasks, ['RUNNING'])
    await elasticsearch.restart()
    await ledger.stopWriting()
    await ledger.checkIndex(elasticsearch.url)
  })

  it('always, behind a line that fails, after having been away, and killed in the middle, has every row once', async (t) => {
    const dice = new Dice()
    t.diagnostic(`TAILRACE_TEST_SEED=${dice.seed}`)
    await using proxy = await startFaultyProxy(elasticsearch.url)
    await using worker = await startWorker({
      env: { CONNECT_HEALTH_STALLED_AFTER_MS: '5000' },
    })
    const ledger = await Ledger.create(postgres, 'busy', dice, FAULTY_DOCUMENTS)
    const more = { 'batch.size': '500', 'retry.backoff.ms': '20' }
    await worker.create('sink', { ...ledger.sink(proxy.url), ...more })
    proxy.isAway = true
    await worker.create('source', ledger.source(postgres))
    await waitFor('the snapshot', async () => (await worker.records(ledger.topic)) >= FAULTY_DOCUMENTS)
    if (AWAY_MS > 0) await stayAway(worker, ledger, (line) => t.diagnostic(line))
    assert.deepEqual((await worker.states('sink')).tasks, ['RUNNING'])

    let requests = 0
    const killAt = FAULTY_DOCUMENTS / 1000
    const killed = Promise.withResolvers<void>()
    proxy.faultOf = (isBulk) => {
      if (++requests === killAt) elasticsearch.kill().then(killed.resolve, killed.reject)
      return dice.below(3) === 0 ? fault(dice, isBulk) : null
    }
    proxy.isAway = false
    await killed.promise
    for (let i = 0; i < 20; i++) await ledger.write()
    await elasticsearch.restart()
    const count = async () => {
      await elasticsearch.rest.json('POST', `/${ledger.topic}/_refresh`)
      const { count } = (await elasticsearch.rest.json('GET', `/${ledger.topic}/_count`)) as { count: number }
      return count >= ledger.rows
    }
    await waitFor('a document for each row', count, { deadlineMs: DRAIN_MS })
    await ledger.checkIndex(elasticsearch.url, DRAIN_MS)
    assert.deepEqual((await worker.states('sink')).tasks, ['RUNNING'])
    t.diagnostic(`${ledger.changes} documents in ${requests} requests: ${JSON.stringify([...proxy.counts])}`)
  })

  it('because its index is read-only, has every row once it is released', async () => {
    await using worker = await startWorker()
    const ledger = await start(worker, 'blocked')
    await ledger.checkIndex(elasticsearch.url)
    await put(`${ledger.topic}/_settings`, { 'index.blocks.read_only_allow_delete': true })
    for (let i = 0; i < 20; i++) await ledger.write()
    await waitFor('the sink to be refused', () => worker.output.includes('does not take documents now'))
    assert.deepEqual((await worker.states('sink')).tasks, ['RUNNING'])
    await put(`${ledger.topic}/_settings`, { 'index.blocks.read_only_allow_delete': null })
    await ledger.checkIndex(elasticsearch.url)
  })

  it('because the index was deleted, and may not be made by a document, has it made again by the sink', async () => {
    await using worker = await startWorker()
    await put('_cluster/settings', { persistent: { 'action.auto_create_index': 'false' } })
    const ledger = await start(worker, 'deleted')
    await ledger.checkIndex(elasticsearch.url)
    const answer = await fetch(`${elasticsearch.url}/${ledger.topic}`, { method: 'DELETE' })
    assert.ok(answer.ok)
    // Every row once more, so that the index is whole again.
    await postgres.query(`update ${ledger.name} set version = version + 1`)
    await ledger.reload()
    await ledger.checkIndex(elasticsearch.url)
    await put('_cluster/settings', { persistent: { 'action.auto_create_index': null } })
  })
})

/** The task waits, in little memory, while rows change; health and metrics tell. */
async function stayAway(
  worker: WorkerProcess,
  ledger: Ledger,
  report: (line: string) => void,
): Promise<void> {
  const startMs = performance.now()
  const samples: number[] = []
  const changing = (async () => {
    for (let changed = 0, passedMs = 0; passedMs < AWAY_MS; passedMs = performance.now() - startMs) {
      if (passedMs >= (samples.length * AWAY_MS) / SAMPLES) samples.push(worker.residentMegabytes('VmRSS'))
      const due = Math.min(Math.floor((passedMs / 1000) * CHANGES_PER_S) - changed, 1000)
      if (due > 0) await ledger.change(due)
      changed += Math.max(due, 0)
      await delay(20)
    }
  })()
  const problem = await waitFor(
    'a problem in /health/connectors',
    async () => {
      const { body } = await worker.rest('GET', '/health/connectors')
      return JSON.stringify(body).match(/sink[^{}]*records wait in its topics/)?.[0]
    },
    { deadlineMs: 180_000 + AWAY_MS },
  )
  report(problem)
  const { body } = await worker.rest('GET', '/connectors/sink/status')
  report(JSON.stringify(body))
  await changing
  report(`memory: ${samples.join(', ')} MB, at most ${worker.residentMegabytes('VmHWM')} MB`)
  assert.ok(worker.residentMegabytes('VmHWM') < 250)
  const half = SAMPLES / 2
  const growth = Math.max(...samples.slice(half)) - Math.max(...samples.slice(0, half))
  assert.ok(growth < 30, `memory grew by ${growth} MB while nobody answered`)
}
