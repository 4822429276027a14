import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { encodeHeaders, RecordBatchReader, RecordBatchWriter } from '../../api/record-batch.ts'
import { openEmbeddedLog, type EmbeddedLog } from '../testing/real-log.ts'
import { DeadLetters } from './dead-letters.ts'

const DLQ = 'dead'
type Text = string | null

describe('dead letters', () => {
  let log: EmbeddedLog
  let dataDir: string
  let count = 0
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tailrace-letters-'))
    log = await openEmbeddedLog({ dataDir })
  })
  after(async () => {
    await log.close()
    await rm(dataDir, { recursive: true })
  })

  const append = async (topic: string, key: Text, value: Text, headers: Record<string, string> = {}) => {
    await log.createTopic({ name: topic, partitions: 1 })
    const encoded = Object.entries(headers).map(([name, text]) => ({ name, value: Buffer.from(text) }))
    const writer = new RecordBatchWriter(encodeHeaders(encoded))
    writer.record(
      1000 + count++,
      key === null ? null : Buffer.from(key),
      value === null ? null : Buffer.from(value),
    )
    const { baseOffsets } = await log.append({ batches: [{ topic, partition: 0, batch: writer.finish() }] })
    return baseOffsets[0]!
  }
  /** A record, and the dead letter that a sink made of it. Answers the letter's place. */
  const letterOf = async (topic: string, key: Text, value: Text) => {
    const offset = await append(topic, key, value, { own: 'kept' })
    const context = { topic, partition: '0', offset: String(offset), 'exception.message': 'does not fit' }
    const prefixed = Object.entries(context).map(
      ([name, text]) => [`__connect.errors.${name}`, text] as const,
    )
    const headers = { own: 'kept', ...Object.fromEntries(prefixed) }
    return { topic: DLQ, partition: 0, offset: await append(DLQ, key, value, headers) }
  }
  const contents = async (topic: string) => {
    const found: string[] = []
    for (let offset = 0n; ;) {
      const batches = await log.read({ topic, partition: 0, offset }, 1 << 20)
      if (batches.length === 0) return found
      for (const batch of batches) {
        const reader = new RecordBatchReader(batch)
        while (reader.next()) {
          const names = reader.headers.map(({ name }) => name).join()
          found.push(`${reader.key?.toString()}=${reader.value?.toString()} ${names}`)
        }
        offset = reader.lastOffset + 1n
      }
    }
  }

  it('show where they came from and why, the newest first', async () => {
    await letterOf('shown', 'a', '1')
    const place = await letterOf('shown', 'b', '2')
    const { letters } = await new DeadLetters(log).page({ topic: DLQ, partition: 0 }, null, 1)
    const [letter] = letters
    assert.equal(letter?.offset, place.offset)
    assert.deepEqual(letter?.origin, { topic: 'shown', partition: 0, offset: 1n })
    assert.equal(letter?.context['exception.message'], 'does not fit')
    assert.deepEqual(
      letter?.headers.map(({ name }) => name),
      ['own'],
    )
  })

  it('are written again to their topic once, without the error headers', async () => {
    const place = await letterOf('again', 'k', 'v')
    const letters = new DeadLetters(log)
    // Two tabs, and another worker later.
    const both = await Promise.all([letters.retry([place]), letters.retry([place])])
    assert.deepEqual(both.flat().sort(), ['marked', 'retried'])
    assert.deepEqual(await new DeadLetters(log).retry([place]), ['marked'])
    assert.deepEqual(await contents('again'), ['k=v own', 'k=v own'])
  })

  it('do not overwrite what came later for the same key', async () => {
    const [old, other, keyless] = [
      await letterOf('later', 'k', 'old'),
      await letterOf('later', 'x', 'only'),
      await letterOf('later', null, 'no key'),
    ]
    await append('later', 'k', 'new')
    assert.deepEqual(await new DeadLetters(log).retry([old, other, keyless]), [
      'superseded',
      'retried',
      'retried',
    ])
  })

  it('of a connector without error headers, or of a deleted topic, stay where they are', async () => {
    const homeless = { topic: DLQ, partition: 0, offset: await append(DLQ, 'k', 'v') }
    const orphan = await letterOf('gone', 'k', 'v')
    await log.deleteTopic('gone')
    assert.deepEqual(await new DeadLetters(log).retry([homeless, orphan]), ['homeless', 'topic-missing'])
    assert.equal(await log.describeTopic('gone'), null)
  })

  it('that were discarded are not open any more, and cannot be retried', async () => {
    const letters = new DeadLetters(log)
    const before = await letters.openCount(DLQ)
    const place = await letterOf('discarded', 'k', 'v')
    await letters.discard([place])
    const now = await letters.openCount(DLQ)
    assert.deepEqual([now!.open - before!.open, now!.all - before!.all], [0, 1])
    assert.deepEqual(await letters.retry([place]), ['marked'])
    assert.equal(await letters.openCount('nowhere'), null)
  })

  it('of a topic that was deleted and came again are other letters', async () => {
    const letters = new DeadLetters(log)
    await log.deleteTopic(DLQ)
    const place = await letterOf('fresh', 'k', 'v')
    assert.equal(place.offset, 0n)
    const { letters: found } = await letters.page({ topic: DLQ, partition: 0 }, null, 10)
    assert.deepEqual(
      found.map(({ mark }) => mark),
      [null],
    )
  })

  it('that are not there are told of', async () => {
    const place = { topic: DLQ, partition: 0, offset: 99n }
    await assert.rejects(new DeadLetters(log).retry([place]), { code: 'connect.dead-letter-unknown' })
  })
})
