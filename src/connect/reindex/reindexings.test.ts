import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { TestWorker, until } from '../testing/test-worker.ts'
import { ReindexRecords } from './reindex-record.ts'
import type { ReindexState } from './reindex-state.ts'

const request = { from: null, isDeletingOld: true, areFewerAccepted: false } as const

describe('reindexing', () => {
  const worker = new TestWorker({ 'offset.flush.interval.ms': '20' })
  before(() => worker.start())
  after(() => worker.remove())

  async function collects(name: string): Promise<void> {
    const source = { 'connector.class': 'CountingSource', topic: name, count: '100', 'poll.delay.ms': '1' }
    await worker.create(`${name}-source`, source)
    const sink = { 'connector.class': 'CollectingSink', topics: name, file: worker.file(name) }
    await worker.create(name, sink)
    await until(() => worker.lines(name).length === 100)
  }

  async function isOver(name: string): Promise<ReindexState | null> {
    const state = await worker.herder.reindexings.state(name)
    return state.state === 'RUNNING' ? null : state
  }

  it('waits until what the sink has stored is committed: the new index would have less', async () => {
    writeFileSync(worker.file('slow.uncommitted'), '')
    await collects('slow')
    const states = new Set([await worker.herder.reindexings.start('slow', request)])
    // Every look at the sink tells how far it is.
    await until(
      async () =>
        (await isOver('slow')) ?? states.add(await worker.herder.reindexings.state('slow')).size > 5,
    )
    assert.equal(await isOver('slow'), null)
    rmSync(worker.file('slow.uncommitted'))
    const over = await until(() => isOver('slow'))
    assert.equal(over.state, 'COMPLETED', JSON.stringify(over))
    assert.equal(worker.lines('slow').length, 100)
    assert.equal(worker.lines('slow.old').length, 100)
    // It is told to go on; its task starts meanwhile.
    await until(() => worker.states('slow') === 'RUNNING RUNNING')
  })

  it('stops the sink once more where that had written what it could not commit before its time was over', async () => {
    await collects('unclean')
    writeFileSync(worker.file('unclean.fewer'), '-\n')
    await worker.herder.reindexings.start('unclean', request)
    const over = await until(() => isOver('unclean'))
    assert.equal(over.state, 'COMPLETED', JSON.stringify(over))
    assert.equal(worker.lines('unclean').length, 100)
    await until(() => worker.states('unclean') === 'RUNNING RUNNING')
  })

  it('swaps nothing where the new index has fewer each time, and the sink goes on', async () => {
    await collects('few')
    writeFileSync(worker.file('few.fewer'), '-\n'.repeat(10))
    await worker.herder.reindexings.start('few', request)
    const over = await until(() => isOver('few'))
    assert.deepEqual(over, { state: 'FAILED', message: 'The new one has 99 lines of 100' })
    assert.equal(readFileSync(worker.file('few.fewer'), 'utf8'), '-\n'.repeat(7))
    await until(() => worker.states('few') === 'RUNNING RUNNING')
  })

  it('is not said to have begun before it would outlive a crash', async (t) => {
    await collects('kept')
    const { log, herder } = worker
    const gate = Promise.withResolvers<void>()
    t.after(() => gate.resolve())
    const write = log.writeState.bind(log)
    log.writeState = (entries) => gate.promise.then(() => write(entries))
    let isSaid = false
    const said = herder.reindexings.start('kept', request).finally(() => (isSaid = true))
    // Before it is known there is none to ask for.
    const state = (): Promise<ReindexState | null> => herder.reindexings.state('kept').catch(() => null)
    await until(async () => (await state())?.state === 'RUNNING')
    assert.equal(isSaid, false)
    assert.equal(await new ReindexRecords(log).read('kept'), null)
    gate.resolve()
    assert.equal((await said).state, 'RUNNING')
    assert.equal((await until(() => isOver('kept'))).state, 'COMPLETED')
  })
})
