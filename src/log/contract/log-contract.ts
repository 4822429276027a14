import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { batchOf, recordsOf } from './contract-batches.ts'
import { consumerContract } from './consumer-contract.ts'
import { appendTo, hasCode, newName, newTopic, readAll, type OpenLog, OwnState } from './contract-log.ts'

/** Where backends may differ. */
export interface LogCapabilities {
  /**
   * An append is in the log as a whole or not at all. Without it: state is written once the records are durable, never
   * before and never without them; of an append that fails, records may be there.
   */
  readonly hasAtomicAppends: boolean
}

/** What every backend of the log must do. */
export function logContract(
  backend: string,
  open: OpenLog,
  { hasAtomicAppends }: LogCapabilities = { hasAtomicAppends: true },
): void {
  describe(`${backend}: topics`, () => {
    test('a topic that was created is described, and creating it again says that it exists', async (t) => {
      const log = await open(t)
      const name = newName('topic')
      const config = { 'retention.ms': '86400000' }
      assert.equal(await log.createTopic({ name, partitions: 2, config }), 'created')
      assert.equal(await log.createTopic({ name, partitions: 1 }), 'exists')
      const partitions = [0, 1].map((partition) => ({ partition, startOffset: 0n, endOffset: 0n }))
      const { id, ...described } = (await log.describeTopic(name))!
      assert.deepEqual(described, { name, partitions, config })
      assert.equal((await log.describeTopic(name))!.id, id)
      assert.ok((await log.listTopics()).some((topic) => topic.name === name))
    })

    test('topics are listed in order of name', async (t) => {
      const log = await open(t)
      for (let i = 0; i < 5; i++) await newTopic(log)
      const names = (await log.listTopics()).map(({ name }) => name)
      assert.deepEqual(names, names.toSorted())
    })

    test('an unknown topic has no description, cannot be deleted, read or appended to', async (t) => {
      const log = await open(t)
      const topic = newName('nowhere')
      const unknown = hasCode('log.topic-unknown')
      assert.equal(await log.describeTopic(topic), null)
      assert.equal(await log.deleteTopic(topic), false)
      await assert.rejects(log.read({ topic, partition: 0, offset: 0n }, 1000), unknown)
      await assert.rejects(appendTo(log, topic, 0, 'a'), unknown)
    })

    test('a partition beyond those of the topic cannot be appended to', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log, 2)
      await assert.rejects(appendTo(log, topic, 2, 'a'), hasCode('log.topic-unknown'))
    })

    test('names that Kafka refuses are refused', async (t) => {
      const log = await open(t)
      for (const name of ['', '.', '..', 'a/b', 'a b', 'ä', 'x'.repeat(250)]) {
        await assert.rejects(log.createTopic({ name, partitions: 1 }), hasCode('log.topic-invalid'), name)
      }
      const longest = newName('x').padEnd(249, '_')
      assert.equal(await log.createTopic({ name: longest, partitions: 1 }), 'created')
      assert.equal(await appendTo(log, longest, 0, 'a'), 0n)
    })

    test('a topic that is deleted takes its records and group offsets along, and may be created anew', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const group = newName('group')
      await appendTo(log, topic, 0, 'old', 'older')
      await log.commitGroupOffsets(group, [{ topic, partition: 0, offset: 2n }])
      const { id } = (await log.describeTopic(topic))!
      assert.equal(await log.deleteTopic(topic), true)
      assert.equal(await log.describeTopic(topic), null)
      assert.equal(await log.createTopic({ name: topic, partitions: 1 }), 'created')
      assert.notEqual((await log.describeTopic(topic))!.id, id)
      assert.deepEqual(await log.groupOffsets(group), [])
      assert.deepEqual(await log.read({ topic, partition: 0, offset: 0n }, 1000), [])
      assert.equal(await appendTo(log, topic, 0, 'new'), 0n)
      assert.deepEqual(await readAll(log, topic, 0, 0n), ['0:new'])
    })
  })

  describe(`${backend}: append and read`, () => {
    test('offsets of a partition follow each other, and those of another are its own', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log, 2)
      const batches = [
        { topic, partition: 0, batch: batchOf('a', 'b', 'c') },
        { topic, partition: 1, batch: batchOf('x') },
        { topic, partition: 0, batch: batchOf('d') },
      ]
      assert.deepEqual(await log.append({ batches }), { baseOffsets: [0n, 0n, 3n] })
      assert.equal(await appendTo(log, topic, 0, 'e', 'f'), 4n)
      const { partitions } = (await log.describeTopic(topic))!
      assert.deepEqual(
        partitions.map(({ endOffset }) => endOffset),
        [6n, 1n],
      )
      assert.deepEqual(await readAll(log, topic, 0, 0n), ['0:a', '1:b', '2:c', '3:d', '4:e', '5:f'])
      assert.deepEqual(await readAll(log, topic, 1, 0n), ['0:x'])
    })

    test('reading from an offset in the middle of a batch begins with that batch', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      await appendTo(log, topic, 0, 'a', 'b')
      await appendTo(log, topic, 0, 'c', 'd', 'e')
      await appendTo(log, topic, 0, 'f')
      const batches = await log.read({ topic, partition: 0, offset: 3n }, 1_000_000)
      assert.deepEqual(
        batches.flatMap((batch) => recordsOf(batch)),
        ['2:c', '3:d', '4:e', '5:f'],
      )
    })

    test('at the end, and beyond it, there is nothing to read', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      await appendTo(log, topic, 0, 'a')
      assert.deepEqual(await log.read({ topic, partition: 0, offset: 1n }, 1000), [])
      assert.deepEqual(await log.read({ topic, partition: 0, offset: 99n }, 1000), [])
    })

    test('a read gives one batch at least and stops about where it was told', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const value = 'x'.repeat(100_000)
      for (let i = 0; i < 5; i++) await appendTo(log, topic, 0, value)
      const from = { topic, partition: 0, offset: 0n }
      assert.equal((await log.read(from, 1)).length, 1)
      const some = await log.read(from, 250_000)
      assert.ok(some.length >= 2 && some.length <= 3, `${some.length} batches`)
    })

    test('a batch larger than any buffer comes back as it was', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const value = 'é'.repeat(2_500_000)
      await appendTo(log, topic, 0, 'small', value)
      await appendTo(log, topic, 0, 'after')
      const records = await readAll(log, topic, 0, 0n)
      assert.deepEqual([records.length, records[1]!.length, records[2]], [3, value.length + 2, '2:after'])
    })

    test('appends under way together become visible in the order of the calls', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const values = Array.from({ length: 200 }, (_, i) => `v${i}`)
      const offsets = await Promise.all(values.map((value) => appendTo(log, topic, 0, value)))
      assert.deepEqual(
        offsets,
        values.map((_, i) => BigInt(i)),
      )
      assert.deepEqual(
        await readAll(log, topic, 0, 0n),
        values.map((value, i) => `${i}:${value}`),
      )
    })

    test('a batch whose memory others share is appended and leaves theirs alone', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const [first, second] = [batchOf('a'), batchOf('b')]
      const shared = Buffer.concat([first, second])
      const { length } = first
      await log.append({ batches: [{ topic, partition: 0, batch: shared.subarray(0, length) }] })
      await log.append({ batches: [{ topic, partition: 0, batch: shared.subarray(length) }] })
      assert.deepEqual(await readAll(log, topic, 0, 0n), ['0:a', '1:b'])
    })

    test('what is no batch is refused and leaves no trace', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const good = batchOf('a')
      const invalid = hasCode('log.batch-invalid')
      for (const batch of [
        Buffer.alloc(0),
        Buffer.alloc(100),
        good.subarray(0, good.length - 1),
        batchOf(),
      ]) {
        await assert.rejects(log.append({ batches: [{ topic, partition: 0, batch }] }), invalid)
      }
      assert.equal(await appendTo(log, topic, 0, 'b'), 0n)
    })
  })

  describe(`${backend}: state and group offsets`, () => {
    test('state that comes with an append is written with it', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const own = new OwnState()
      const state = [own.entry('b', '{"lsn":1}'), own.entry('a', 'ü')]
      await log.append({ batches: [{ topic, partition: 0, batch: batchOf('a') }], state })
      assert.deepEqual(
        await own.read(log),
        new Map([
          ['a', 'ü'],
          ['b', '{"lsn":1}'],
        ]),
      )
    })

    test('an append that fails writes neither records nor state', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const own = new OwnState()
      const batches = [
        { topic, partition: 0, batch: batchOf('a') },
        { topic: newName('nowhere'), partition: 0, batch: batchOf('b') },
      ]
      const state = [own.entry('k', 'v')]
      await assert.rejects(log.append({ batches, state }), hasCode('log.topic-unknown'))
      assert.deepEqual(await readAll(log, topic, 0, 0n), [])
      assert.equal((await own.read(log)).size, 0)
    })

    test('appends behind a failed one fail as well where they share a source offset, and only those', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const other = await newTopic(log)
      const own = new OwnState()
      const append = (to: string, key: string, value: string): Promise<unknown> =>
        log.append({
          batches: [{ topic: to, partition: 0, batch: batchOf(value) }],
          state: [own.entry(key, value)],
        })
      const [failed, behind, unrelated] = await Promise.allSettled([
        append(newName('nowhere'), 'mine', '1'),
        append(topic, 'mine', '2'),
        append(other, 'theirs', '3'),
      ])
      assert.deepEqual(
        [failed.status, behind.status, unrelated.status],
        ['rejected', 'rejected', 'fulfilled'],
      )
      assert.deepEqual([...(await own.read(log))], [['theirs', '3']])
      await append(topic, 'mine', '4')
      const values = (await readAll(log, topic, 0, 0n)).map((record) => record.slice(record.indexOf(':') + 1))
      if (hasAtomicAppends) assert.deepEqual(values, ['4'])
      else assert.ok(values.at(-1) === '4' && values.length <= 2, values.join(', '))
      assert.equal((await own.read(log)).get('mine'), '4')
    })

    test('state may come alone; null deletes an entry, the last of several writes counts', async (t) => {
      const log = await open(t)
      const own = new OwnState()
      await log.append({ batches: [], state: [own.entry('a', '1')] })
      await log.writeState([
        own.entry('b', '2'),
        own.entry('a', null),
        own.entry('c', '3'),
        own.entry('c', '4'),
      ])
      assert.deepEqual(
        await own.read(log),
        new Map([
          ['b', '2'],
          ['c', '4'],
        ]),
      )
      assert.equal((await new OwnState().read(log)).size, 0)
    })

    test('group offsets are kept for each group and partition until the group is deleted', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log, 2)
      await appendTo(log, topic, 1, 'a', 'b')
      const [group, other] = [newName('group'), newName('group')]
      await log.commitGroupOffsets(group, [
        { topic, partition: 1, offset: 2n },
        { topic, partition: 0, offset: 0n },
      ])
      await log.commitGroupOffsets(other, [{ topic, partition: 0, offset: 0n }])
      await log.commitGroupOffsets(group, [{ topic, partition: 1, offset: 1n }])
      assert.deepEqual(await log.groupOffsets(group), [
        { topic, partition: 0, offset: 0n },
        { topic, partition: 1, offset: 1n },
      ])
      assert.equal(await log.deleteGroup(group), true)
      assert.equal(await log.deleteGroup(group), false)
      assert.deepEqual(await log.groupOffsets(group), [])
      assert.equal((await log.groupOffsets(other)).length, 1)
    })

    test('an offset of a topic that does not exist cannot be committed', async (t) => {
      const log = await open(t)
      const offsets = [{ topic: newName('nowhere'), partition: 0, offset: 0n }]
      await assert.rejects(log.commitGroupOffsets(newName('group'), offsets), hasCode('log.topic-unknown'))
    })
  })

  consumerContract(backend, open)

  test(`${backend}: a closed log refuses calls, and closing it twice is no error`, async (t) => {
    const log = await open(t)
    await log.close()
    await log.close()
    await assert.rejects(log.listTopics(), hasCode('log.closed'))
    await assert.rejects(log.writeState([new OwnState().entry('k', null)]), hasCode('log.closed'))
  })
}
