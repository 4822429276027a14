import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JavaPattern } from '../../api/java/java-pattern.ts'
import { assignedPartitions } from './assignment.ts'
import type { TopicState } from './protocol.ts'

function topic(id: number, name: string, partitions: number): TopicState {
  const numbers = Array.from({ length: partitions }, (_, partition) => partition)
  return {
    id,
    name,
    config: {},
    partitions: numbers.map((partition) => ({ partition, startOffset: 0n, endOffset: 0n })),
  }
}

const topics = [topic(7, 'aaa', 2), topic(3, 'orders', 3), topic(5, 'orders2', 1)]

function assigned(
  of: readonly TopicState[],
  wanted: readonly string[] | JavaPattern,
  index: number,
  count: number,
): string[] {
  const partitions = assignedPartitions(of, { topics: wanted, member: { index, count } })
  return partitions.map(({ topic, partition }) => `${topic}/${partition}`)
}

test('the members of a group have every partition between them, each of them once', () => {
  const all = [0, 1, 2, 3].flatMap((index) => assigned(topics, new JavaPattern('.*'), index, 4))
  assert.deepEqual(all.toSorted(), ['aaa/0', 'aaa/1', 'orders/0', 'orders/1', 'orders/2', 'orders2/0'])
})

test('a topic that was created later moves nothing from one member to another, whatever its name', () => {
  const before = assigned(topics.slice(1), new JavaPattern('.*'), 0, 2)
  assert.deepEqual(assigned(topics, new JavaPattern('.*'), 0, 2).slice(0, before.length), before)
})

test('an expression must match the whole name, in any case that it asks for', () => {
  assert.deepEqual(assigned(topics, new JavaPattern('order|x'), 0, 1), [])
  assert.deepEqual(assigned(topics, new JavaPattern('(?i)ORDERS\\d|ghost'), 0, 1), ['orders2/0'])
})

test('names must be equal', () => {
  assert.deepEqual(assigned(topics, ['orders', 'missing'], 0, 1), ['orders/0', 'orders/1', 'orders/2'])
})
