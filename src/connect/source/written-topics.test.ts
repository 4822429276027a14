import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NotFoundError, RetriableError } from '../../api/errors.ts'
import { recordCount, RecordBatchWriter } from '../../api/record-batch.ts'
import type { AppendRequest, Log } from '../../log/log.ts'
import { WrittenTopics } from './written-topics.ts'

/** Topics of one partition: an id and an end, which appends move on. */
class ShortLog {
  readonly topics = new Map<string, { id: string; end: bigint }>()

  async describeTopic(name: string) {
    const topic = this.topics.get(name)
    if (topic === undefined) return null
    const partitions = [{ partition: 0, startOffset: 0n, endOffset: topic.end }]
    return { name, id: topic.id, partitions, config: {} }
  }

  async append({ batches }: AppendRequest) {
    const baseOffsets = batches.map(({ topic: name, batch }) => {
      const topic = this.topics.get(name)
      if (topic === undefined) throw new NotFoundError('log.topic-unknown', `There is no topic ${name}`)
      topic.end += BigInt(recordCount(batch))
      const baseOffset = topic.end - BigInt(recordCount(batch))
      // It is the log's now.
      structuredClone(batch, { transfer: [batch.buffer as ArrayBuffer] })
      return baseOffset
    })
    return { baseOffsets }
  }
}

function setUp(ids: readonly (readonly [string, string])[] = []) {
  const log = new ShortLog()
  log.topics.set('a', { id: 'first', end: 5n })
  const pauses: (() => void)[] = []
  const pause = async () => pauses.shift()?.()
  const written = new WrittenTopics(log as unknown as Log, {
    connector: 'source 1',
    ids: new Map(ids),
    pause,
  })
  const write = (records = 1) => {
    const writer = new RecordBatchWriter()
    for (let i = 0; i < records; i++) writer.record(0, null, Buffer.from('x'))
    return written.append({ batches: [{ topic: 'a', partition: 0, batch: writer.finish() }] })
  }
  return { log, written, write, pauses }
}

const vanished = (words: RegExp) => (error: { code: string; retriable: boolean; message: string }) => {
  assert.equal(error.code, 'connect.topic-vanished')
  assert.equal(error.retriable, false)
  assert.match(error.message, words)
  assert.match(error.message, /PUT \/connectors\/source%201\/topics\/reset/)
  return true
}
const DELETED = /^Topic a was deleted after connector source 1 had written to it/
const MADE_AGAIN = /^Topic a was deleted and made again after connector source 1 had written to it/

describe('topics that a source writes to', () => {
  it('are written to for as long as they stay', async () => {
    const { written, write } = setUp([['a', 'first']])
    written.goesOn()
    await written.describeTopic('a')
    assert.equal(written.idOf('a'), 'first')
    assert.deepEqual((await write(3)).baseOffsets, [5n])
    assert.deepEqual((await write()).baseOffsets, [8n])
  })

  it('fail the task where one was deleted', async () => {
    const { log, written, write } = setUp()
    await written.describeTopic('a')
    log.topics.delete('a')
    await assert.rejects(write(), vanished(DELETED))
  })

  it('fail the task where one was deleted and made again, though writing succeeds', async () => {
    const { log, written, write } = setUp()
    await written.describeTopic('a')
    log.topics.set('a', { id: 'second', end: 0n })
    await assert.rejects(write(), vanished(MADE_AGAIN))
  })

  it('fail the task also before its first record', async () => {
    for (const [now, words] of [
      [undefined, DELETED],
      [{ id: 'second', end: 7n }, MADE_AGAIN],
    ] as const) {
      const { log, written } = setUp([['a', 'first']])
      log.topics.delete('a')
      if (now !== undefined) log.topics.set('a', now)
      written.goesOn()
      await assert.rejects(written.describeTopic('a'), vanished(words))
    }
  })

  it('are looked for again where a broker does not know them yet', async () => {
    const { log, written, pauses } = setUp([['a', 'first']])
    written.goesOn()
    const topic = log.topics.get('a')!
    log.topics.delete('a')
    pauses.push(
      () => {},
      () => log.topics.set('a', topic),
    )
    assert.equal((await written.describeTopic('a'))?.id, 'first')
  })

  it('may be others where everything is read again', async () => {
    const { log, written } = setUp([['a', 'before']])
    assert.equal((await written.describeTopic('a'))?.id, 'first')
    log.topics.delete('a')
    assert.equal(await written.describeTopic('a'), null)
  })

  it('are the same ones where a leader has lost its last records', async () => {
    const { log, written, write } = setUp()
    await written.describeTopic('a')
    log.topics.set('a', { id: 'first', end: 2n })
    assert.deepEqual((await write()).baseOffsets, [2n])
    // What comes then is looked at, until it is as far as it was.
    log.topics.set('a', { id: 'second', end: 0n })
    await assert.rejects(write(), vanished(MADE_AGAIN))
  })

  it('have nothing to do with what else fails', async () => {
    const { log, written, write } = setUp()
    await written.describeTopic('a')
    const away = new RetriableError('log.write-failed', 'The disk is full')
    log.append = () => Promise.reject(away)
    await assert.rejects(write(), away)
    const noPartition = new NotFoundError('log.topic-unknown', 'There is no partition 3 of topic a')
    log.append = () => Promise.reject(noPartition)
    await assert.rejects(write(), noPartition)
  })
})
