import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RetriableError } from '../../api/errors.ts'
import type { JsonObject } from '../../api/record.ts'
import type { AppendRequest, Log, PartitionBatch } from '../../log/log.ts'
import { AppendQueue, type EndedAppend } from './append-queue.ts'

const WRITTEN = { baseOffsets: [] }

/** A log whose appends end when the test says so. */
class HeldLog {
  readonly appends: { readonly request: AppendRequest; readonly end: PromiseWithResolvers<unknown> }[] = []

  append(request: AppendRequest): Promise<unknown> {
    const end = Promise.withResolvers<unknown>()
    this.appends.push({ request, end })
    return end.promise
  }

  /** What each append wrote: batches, then the source offset. */
  get written(): string[] {
    return this.appends.map(
      ({ request }) => `${request.batches.map(({ topic }) => topic).join()} ${request.state?.[0]?.value}`,
    )
  }
}

function setUp(gatherMs = 0) {
  const log = new HeldLog()
  const durable: JsonObject[] = []
  const failures: unknown[] = []
  const ended: { records: number; isDurable: boolean }[] = []
  const listener = {
    onDurable: (offset: JsonObject) => durable.push(offset),
    onFailure: (error: unknown) => failures.push(error),
    onEnded: ({ records, isDurable }: EndedAppend) => ended.push({ records, isDurable }),
  }
  const queue = new AppendQueue(log as unknown as Log, 'c', listener, gatherMs)
  const batch = (topic: string, bytes = 100): PartitionBatch => ({
    topic,
    partition: 0,
    batch: Buffer.alloc(bytes),
  })
  const add = (n: number, ...batches: PartitionBatch[]) =>
    queue.add(batches, { parts: [], partition: { p: 1 }, offset: { n } })
  return { log, durable, failures, ended, queue, batch, add }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('the append queue', () => {
  it('gathers for as long as it is told, or until there is no room for more', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { log, batch, add } = setUp(1000)
    await add(1, batch('a'))
    await add(2, batch('b'))
    t.mock.timers.tick(999)
    assert.deepEqual(log.written, [])
    t.mock.timers.tick(1)
    assert.deepEqual(log.written, ['a,b {"n":2}'])
    await add(3, batch('c'))
    log.appends[0]!.end.resolve(WRITTEN)
    await turn()
    assert.equal(log.appends.length, 1)
    const added = add(4, batch('large', 5_000_000))
    assert.deepEqual(log.written[1], 'c,large {"n":4}')
    log.appends[1]!.end.resolve(WRITTEN)
    await added
  })

  it('writes the first batch at once, and what gathers meanwhile together in the next append', async () => {
    const { log, durable, batch, add } = setUp()
    await add(1, batch('a'))
    assert.deepEqual(log.written, ['a {"n":1}'])
    await add(2, batch('b'))
    await add(3, batch('c'))
    assert.equal(log.appends.length, 1)
    log.appends[0]!.end.resolve(WRITTEN)
    await turn()
    assert.deepEqual(log.written, ['a {"n":1}', 'b,c {"n":3}'])
    assert.deepEqual(durable, [{ n: 1 }])
    log.appends[1]!.end.resolve(WRITTEN)
    await turn()
    assert.deepEqual(durable, [{ n: 1 }, { n: 3 }])
    assert.deepEqual(log.appends[0]!.request.state, [
      { space: 'source-offset', key: '["c",{"p":1}]', value: '{"n":1}' },
    ])
  })

  it('holds its caller when four megabytes wait', async () => {
    const { log, batch, add } = setUp()
    await add(1, batch('a'))
    let isTaken = false
    const taken = add(2, batch('b', 4 * 1024 * 1024)).then(() => (isTaken = true))
    await turn()
    assert.equal(isTaken, false)
    log.appends[0]!.end.resolve(WRITTEN)
    await taken
  })

  it('writes nothing after an append that failed', async () => {
    const { log, durable, failures, ended, batch, add } = setUp()
    await add(1, batch('a'))
    await add(2, batch('b'))
    log.appends[0]!.end.reject(new RetriableError('connect.task-timeout', 'full'))
    await turn()
    await add(3, batch('c'))
    await turn()
    assert.deepEqual(log.written, ['a {"n":1}'])
    assert.deepEqual(durable, [])
    assert.equal((failures[0] as Error).message, 'full')
    assert.deepEqual(ended, [{ records: 0, isDurable: false }])
  })

  it('lets an offset without records wait for company, and takes it along when it drains', async () => {
    const { log, durable, queue, batch, add } = setUp()
    await add(1)
    assert.equal(log.appends.length, 0)
    await add(2, batch('a'))
    await add(3)
    log.appends[0]!.end.resolve(WRITTEN)
    await turn()
    assert.deepEqual(log.written, ['a {"n":2}'])
    const drained = queue.drain()
    log.appends[1]!.end.resolve(WRITTEN)
    await drained
    assert.deepEqual(log.written, ['a {"n":2}', ' {"n":3}'])
    assert.deepEqual(durable, [{ n: 2 }, { n: 3 }])
  })

  it('drains to an end although the source goes on handing over', async () => {
    const { log, durable, queue, batch, add } = setUp()
    await add(1, batch('a'))
    await add(2, batch('b'))
    const progress = { isDrained: false }
    const drained = queue.drain().then(() => (progress.isDrained = true))
    for (let i = 0; i < 4 && !progress.isDrained; i++) {
      await add(i + 3, batch('c'))
      log.appends.at(-1)!.end.resolve(WRITTEN)
      await turn()
    }
    assert.equal(progress.isDrained, true)
    await drained
    assert.deepEqual(log.written, ['a {"n":1}', 'b {"n":2}'])
    assert.deepEqual(durable, [{ n: 1 }, { n: 2 }])
  })

  it('waits for the append under way when it is abandoned', async () => {
    const { log, durable, queue, batch, add } = setUp()
    await add(1, batch('a'))
    let isOver = false
    const over = queue.abandon().then(() => (isOver = true))
    await turn()
    assert.equal(isOver, false)
    log.appends[0]!.end.resolve(WRITTEN)
    await over
    assert.deepEqual(durable, [])
  })
})
