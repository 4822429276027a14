import type { TopicPartition } from '../../../api/sink-task.ts'
import type { Subscription } from './consumer-protocol.ts'

/**
 * Shares partitions among members as Kafka's cooperative protocol wants it: as evenly as subscriptions allow, everybody
 * keeping what it can, and nothing that one member still has is given to another. Such a partition is left out: its
 * owner sees that, gives it up and joins again, and the next round gives it away.
 *
 * @param partitionCounts of every topic that exists
 */
export function assignCooperatively(
  members: ReadonlyMap<string, Subscription>,
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const owners = ownersOf(members)
  const load = new Map([...members.keys()].sort().map((id) => [id, new Map<string, TopicPartition>()]))
  const free: TopicPartition[] = []
  for (const partition of partitionsOf(members, partitionCounts)) {
    const owner = owners.get(keyOf(partition))
    if (owner !== undefined && members.get(owner)!.topics.includes(partition.topic)) {
      load.get(owner)!.set(keyOf(partition), partition)
    } else free.push(partition)
  }
  for (const partition of free) lightest(partition, members, load)?.set(keyOf(partition), partition)
  balance(members, load)
  return new Map(
    [...load].map(([id, partitions]) => [
      id,
      [...partitions.values()].filter((partition) => (owners.get(keyOf(partition)) ?? id) === id),
    ]),
  )
}

/** Moves partitions from members that have two more than another one that could read them. */
function balance(
  members: ReadonlyMap<string, Subscription>,
  load: ReadonlyMap<string, Map<string, TopicPartition>>,
): void {
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false
    for (const from of [...load.values()].sort((a, b) => b.size - a.size)) {
      for (const [key, partition] of [...from].toReversed()) {
        const to = lightest(partition, members, load)!
        if (from.size - to.size < 2) continue
        from.delete(key)
        to.set(key, partition)
        hasMoved = true
      }
    }
  }
}

function lightest(
  { topic }: TopicPartition,
  members: ReadonlyMap<string, Subscription>,
  load: ReadonlyMap<string, Map<string, TopicPartition>>,
): Map<string, TopicPartition> | undefined {
  let found: Map<string, TopicPartition> | undefined
  for (const [id, partitions] of load) {
    if (!members.get(id)!.topics.includes(topic)) continue
    if (found === undefined || partitions.size < found.size) found = partitions
  }
  return found
}

/** Who has which partition. Where two claim the same, one of them is out of date: nobody has it, both must give it up. */
function ownersOf(members: ReadonlyMap<string, Subscription>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  for (const [id, { owned }] of members) {
    for (const partition of owned) {
      const key = keyOf(partition)
      owners.set(key, owners.has(key) ? '' : id)
    }
  }
  for (const [key, id] of owners) if (id === '') owners.delete(key)
  return owners
}

function partitionsOf(
  members: ReadonlyMap<string, Subscription>,
  counts: ReadonlyMap<string, number>,
): TopicPartition[] {
  const topics = new Set([...members.values()].flatMap(({ topics }) => topics))
  return [...topics]
    .sort()
    .flatMap((topic) =>
      Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
    )
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
