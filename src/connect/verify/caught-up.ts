import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import { RecordBatchReader } from '../../api/record-batch.ts'
import type { TableReader } from '../../api/verification.ts'
import type { Log } from '../../log/log.ts'
import { sinkGroup } from '../sink-group.ts'

const LONGEST_WAIT_MS = 120_000

/**
 * Waits until the sink has stored all changes before a position: first the source must have them in the topics, then the
 * group's offsets must reach what the topics hold at that time. Throws `connect.verify-behind`.
 */
export async function caughtUp(
  position: bigint,
  {
    log,
    reader,
    sink,
    topics,
    signal,
  }: {
    readonly log: Log
    readonly reader: TableReader
    readonly sink: string
    readonly topics: readonly string[]
    readonly signal: AbortSignal
  },
): Promise<void> {
  const deadline = performance.now() + LONGEST_WAIT_MS
  const until = async (what: string, isReached: () => Promise<boolean>): Promise<void> => {
    for (; !(await isReached()); await delay(25, undefined, { signal })) {
      if (performance.now() < deadline) continue
      throw new ConnectError(
        'connect.verify-behind',
        `${what} did not catch up within ${LONGEST_WAIT_MS / 1000} s: see its status, then begin again.`,
      )
    }
  }
  await until('The source', () => reader.hasStreamed(position))
  const described = await Promise.all(topics.map((topic) => log.describeTopic(topic)))
  const ends = described.flatMap((topic) =>
    (topic?.partitions ?? []).map(({ partition, startOffset, endOffset }) => ({
      topic: topic!.name,
      partition,
      startOffset,
      endOffset,
    })),
  )
  await until(`The sink ${sink}`, async () => {
    const offsets = await log.groupOffsets(sinkGroup(sink))
    for (const { topic, partition, startOffset, endOffset } of ends) {
      const done = offsets.find((each) => each.topic === topic && each.partition === partition)
      const offset = done?.offset ?? startOffset
      if (offset < endOffset && (await holdsRecords(log, { topic, partition, offset, endOffset })))
        return false
    }
    return true
  })
}

/** A cluster counts marks of transactions as offsets too; nobody ever consumes those. */
async function holdsRecords(
  log: Log,
  {
    topic,
    partition,
    offset,
    endOffset,
  }: {
    readonly topic: string
    readonly partition: number
    readonly offset: bigint
    readonly endOffset: bigint
  },
): Promise<boolean> {
  for (const batch of await log.read({ topic, partition, offset }, 1)) {
    for (const reader = new RecordBatchReader(batch); reader.next();) {
      if (reader.offset >= offset && reader.offset < endOffset) return true
    }
  }
  return false
}
