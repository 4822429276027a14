import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { JavaPattern } from '../../api/java/java-pattern.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import { waitFor } from '../../../test/wait-for.ts'
import type { Consumer, ConsumerOptions, Log, OffsetJump } from '../log.ts'
import { consume, consumedRecords } from './contract-batches.ts'
import { appendTo, newName, newTopic, type OpenLog } from './contract-log.ts'

/** A consumer and what it was told of its assignment. */
interface Member {
  readonly consumer: Consumer
  /** `+topic/partition@offset` and `-topic/partition`. */
  readonly changes: string[]
}

async function join(
  log: Log,
  topics: ConsumerOptions['topics'],
  more: Partial<ConsumerOptions> = {},
): Promise<Member> {
  const changes: string[] = []
  const consumer = await log.openConsumer({
    group: newName('group'),
    topics,
    member: { index: 0, count: 1 },
    onAssigned: async (partitions: readonly TopicPartitionOffset[]) => {
      changes.push(...partitions.map(({ topic, partition, offset }) => `+${topic}/${partition}@${offset}`))
    },
    onRevoked: async (partitions) => {
      changes.push(...partitions.map(({ topic, partition }) => `-${topic}/${partition}`))
    },
    ...more,
  })
  return { consumer, changes }
}

/** Polls until the assignment is as wanted. */
async function settle({ consumer, changes }: Member, count: number): Promise<void> {
  const signal = AbortSignal.timeout(30_000)
  while (changes.length < count) {
    const batches = await consumer.poll(1000, signal)
    assert.ok(!signal.aborted, `only ${changes.length} of ${count} changes came: ${changes.join(', ')}`)
    assert.deepEqual(consumedRecords(batches), [])
  }
}

/** The partitions that a member has, `topic/partition`. */
function assigned({ changes }: Member): ReadonlySet<string> {
  const partitions = new Set<string>()
  for (const change of changes) {
    const partition = change.slice(1).replace(/@.*/, '')
    if (change.startsWith('+')) partitions.add(partition)
    else partitions.delete(partition)
  }
  return partitions
}

/** All members poll until each has some of the partitions and together they have all. */
async function shareOut(members: readonly Member[], partitions: number): Promise<void> {
  const [settled, deadline] = [new AbortController(), AbortSignal.timeout(30_000)]
  const isSettled = (): boolean => {
    const sizes = members.map((member) => assigned(member).size)
    return sizes.every((size) => size > 0) && sizes.reduce((sum, size) => sum + size, 0) === partitions
  }
  const signal = AbortSignal.any([settled.signal, deadline])
  const polls = members.map(async ({ consumer }) => {
    while (!signal.aborted) {
      assert.deepEqual(consumedRecords(await consumer.poll(1000, signal)), [])
      if (isSettled()) settled.abort()
    }
  })
  await Promise.all(polls)
  assert.ok(isSettled(), members.map(({ changes }) => changes.join(', ')).join(' | '))
}

/** A poll that finds nothing within the time of an append elsewhere. */
async function pollNothing(log: Log, consumer: Consumer): Promise<void> {
  const stop = new AbortController()
  const poll = consumer.poll(1_000_000, stop.signal)
  const elsewhere = await newTopic(log)
  await appendTo(log, elsewhere, 0, 'x')
  stop.abort()
  assert.deepEqual(consumedRecords(await poll), [])
}

/** The part of the log's contract that is about consumers. */
export function consumerContract(backend: string, open: OpenLog): void {
  describe(`${backend}: consumers`, () => {
    test('a consumer reads what is there and what comes, each partition in order', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log, 2)
      await appendTo(log, topic, 0, 'a', 'b')
      const { consumer, changes } = await join(log, [topic])
      assert.deepEqual(await consume(consumer, 2), ['0/0:a', '0/1:b'])
      assert.deepEqual(changes, [`+${topic}/0@0`, `+${topic}/1@0`])
      const waiting = consume(consumer, 1)
      await appendTo(log, topic, 1, 'c')
      assert.deepEqual(await waiting, ['1/0:c'])
      await appendTo(log, topic, 0, 'd')
      await appendTo(log, topic, 1, 'e')
      assert.deepEqual((await consume(consumer, 2)).toSorted(), ['0/2:d', '1/1:e'])
    })

    test('many batches arrive once each, whatever the size of a poll', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log, 3)
      const { consumer } = await join(log, [topic])
      const wanted: string[] = []
      const appends = Array.from({ length: 300 }, async (_, i) => {
        const value = `${i}-`.padEnd(i % 7 === 0 ? 5000 : 20, 'x')
        const offset = await appendTo(log, topic, i % 3, value)
        wanted.push(`${i % 3}/${offset}:${value}`)
      })
      const seen = await consume(consumer, 150, 1)
      seen.push(...(await consume(consumer, 300 - seen.length, 6000)))
      await Promise.all(appends)
      assert.deepEqual(seen.toSorted(), wanted.toSorted())
      for (const partition of [0, 1, 2]) {
        const offsets = seen
          .filter((record) => record.startsWith(`${partition}/`))
          .map((record) => Number(record.slice(2, record.indexOf(':'))))
        assert.deepEqual(
          offsets,
          Array.from({ length: 100 }, (_, i) => i),
        )
      }
    })

    test('a group goes on at its committed offset, in the middle of a batch too', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      await appendTo(log, topic, 0, 'a', 'b', 'c')
      const group = newName('group')
      const first = await join(log, [topic], { group })
      await consume(first.consumer, 3)
      await first.consumer.commit([{ topic, partition: 0, offset: 1n }])
      await first.consumer.close()
      assert.deepEqual(await log.groupOffsets(group), [{ topic, partition: 0, offset: 1n }])
      const second = await join(log, [topic], { group })
      assert.deepEqual(await consume(second.consumer, 2), ['0/1:b', '0/2:c'])
      assert.deepEqual(second.changes, [`+${topic}/0@1`])
    })

    test('a committed offset beyond the end begins at the end', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const group = newName('group')
      await appendTo(log, topic, 0, 'a')
      await log.commitGroupOffsets(group, [{ topic, partition: 0, offset: 100n }])
      const jumps: OffsetJump[] = []
      const member = await join(log, [topic], { group, onOutOfRange: (jump) => jumps.push(jump) })
      await settle(member, 1)
      assert.deepEqual(member.changes, [`+${topic}/0@1`])
      assert.deepEqual(jumps, [{ topic, partition: 0, offset: 100n, goesOnAt: 1n }])
      await appendTo(log, topic, 0, 'b')
      assert.deepEqual(await consume(member.consumer, 1), ['0/1:b'])
    })

    test('a group whose records retention has deleted goes on at the start and is told, as it begins and on its way', async (t) => {
      const log = await open(t)
      const topic = newName('short')
      const config = { 'segment.bytes': '200', 'retention.bytes': '1' }
      await log.createTopic({ name: topic, partitions: 1, config })
      const value = 'x'.repeat(100)
      for (let i = 0; i < 5; i++) await appendTo(log, topic, 0, value)
      await waitFor('retention', async () => {
        return (await log.describeTopic(topic))!.partitions[0]!.startOffset === 4n
      })
      const group = newName('group')
      await log.commitGroupOffsets(group, [{ topic, partition: 0, offset: 0n }])
      const jumps: OffsetJump[] = []
      const { consumer, changes } = await join(log, [topic], {
        group,
        onOutOfRange: (jump) => jumps.push(jump),
      })
      assert.deepEqual(await consume(consumer, 1), [`0/4:${value}`])
      assert.deepEqual(changes, [`+${topic}/0@4`])
      consumer.seek({ topic, partition: 0, offset: 1n })
      assert.deepEqual(await consume(consumer, 1), [`0/4:${value}`])
      const place = { topic, partition: 0, goesOnAt: 4n }
      assert.deepEqual(jumps, [
        { ...place, offset: 0n },
        { ...place, offset: 1n },
      ])
    })

    test('topics that appear later are found, by name and by expression', async (t) => {
      const log = await open(t)
      const [prefix, named] = [newName('family'), newName('named')]
      const byName = await join(log, [named])
      const byExpression = await join(log, new JavaPattern(`${prefix}\\.(a|b)`))
      const waiting = [consume(byName.consumer, 1), consume(byExpression.consumer, 2)]
      for (const name of [`${prefix}.a`, `x${prefix}.a`, `${prefix}.bc`, `${prefix}.b`, named]) {
        await log.createTopic({ name, partitions: 1 })
        await appendTo(log, name, 0, name)
      }
      assert.deepEqual(await waiting[0], [`0/0:${named}`])
      assert.deepEqual((await waiting[1])!.toSorted(), [`0/0:${prefix}.a`, `0/0:${prefix}.b`])
      assert.deepEqual(byExpression.changes, [`+${prefix}.a/0@0`, `+${prefix}.b/0@0`])
    })

    test('a topic that is deleted is revoked; created anew it is read from its start', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      await appendTo(log, topic, 0, 'old')
      const { consumer, changes } = await join(log, [topic])
      await consume(consumer, 1)
      const waiting = consume(consumer, 1)
      await log.deleteTopic(topic)
      await log.createTopic({ name: topic, partitions: 1 })
      await appendTo(log, topic, 0, 'new')
      assert.deepEqual(await waiting, ['0/0:new'])
      assert.deepEqual(changes, [`+${topic}/0@0`, `-${topic}/0`, `+${topic}/0@0`])
    })

    test('what a consumer read of a topic before it was deleted is not committed for its successor', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const group = newName('group')
      await appendTo(log, topic, 0, 'a', 'b', 'c')
      const { consumer } = await join(log, [topic], { group })
      await consume(consumer, 3)
      await log.deleteTopic(topic)
      await log.createTopic({ name: topic, partitions: 1 })
      await consumer.commit([{ topic, partition: 0, offset: 3n }])
      assert.deepEqual(await log.groupOffsets(group), [])
    })

    test('two members split the partitions, and all of them are read', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log, 3)
      const group = newName('group')
      const members = await Promise.all(
        [0, 1].map((index) => join(log, [topic], { group, member: { index, count: 2 } })),
      )
      await shareOut(members, 3)
      for (const partition of [0, 1, 2]) await appendTo(log, topic, partition, `v${partition}`)
      const records = await Promise.all(
        members.map((member) => consume(member.consumer, assigned(member).size)),
      )
      assert.deepEqual(records.flat().toSorted(), ['0/0:v0', '1/0:v1', '2/0:v2'])
    })

    test('a paused partition rests while others go on, and loses nothing', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log, 2)
      const member = await join(log, [topic])
      await settle(member, 2)
      const { consumer } = member
      consumer.pause([{ topic, partition: 0 }])
      await appendTo(log, topic, 0, 'a')
      await appendTo(log, topic, 1, 'b')
      assert.deepEqual(await consume(consumer, 1), ['1/0:b'])
      await pollNothing(log, consumer)
      const waiting = consume(consumer, 1)
      consumer.resume([{ topic, partition: 0 }])
      assert.deepEqual(await waiting, ['0/0:a'])
    })

    test('seek goes back and forth, into the middle of a batch and to the end', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      await appendTo(log, topic, 0, 'a', 'b', 'c')
      await appendTo(log, topic, 0, 'd')
      const { consumer } = await join(log, [topic])
      await consume(consumer, 4)
      consumer.seek({ topic, partition: 0, offset: 1n })
      assert.deepEqual(await consume(consumer, 3), ['0/1:b', '0/2:c', '0/3:d'])
      consumer.seek({ topic, partition: 0, offset: 0n })
      consumer.seek({ topic, partition: 0, offset: 4n })
      await pollNothing(log, consumer)
      await appendTo(log, topic, 0, 'e')
      assert.deepEqual(await consume(consumer, 1), ['0/4:e'])
    })

    test('a poll ends when its signal is aborted, before or while it waits', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const member = await join(log, [topic])
      await settle(member, 1)
      assert.deepEqual(await member.consumer.poll(1000, AbortSignal.abort()), [])
      await pollNothing(log, member.consumer)
      await appendTo(log, topic, 0, 'a')
      assert.deepEqual(await consume(member.consumer, 1), ['0/0:a'])
    })

    test('closing a consumer, or the log, ends a poll that waits', async (t) => {
      const log = await open(t)
      const topic = await newTopic(log)
      const members = [await join(log, [topic]), await join(log, [topic])] as const
      for (const member of members) await settle(member, 1)
      const polls = members.map(({ consumer }) => consumer.poll(1000, AbortSignal.timeout(30_000)))
      await members[0].consumer.close()
      await members[0].consumer.close()
      assert.deepEqual(await polls[0], [])
      await log.close()
      assert.deepEqual(await polls[1], [])
    })
  })
}
