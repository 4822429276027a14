import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import type { TableReader } from '../../api/verification.ts'
import type { Log } from '../../log/log.ts'
import type { ConnectorOf } from '../jobs/job-spec.ts'
import { sinkGroup } from '../sink/sink-group.ts'
import { hasStored, partitionEnds } from '../sink/sink-progress.ts'

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
    readonly sink: ConnectorOf
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
  const ends = await partitionEnds(log, topics)
  const group = sinkGroup(sink.name, sink.config)
  await until(`The sink ${sink.name}`, async () => hasStored(log, await log.groupOffsets(group), ends))
}
