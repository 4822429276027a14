import { describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import { JobFailure } from '../task/task-thread-pool.ts'
import type { HeldSinks } from './held-sinks.ts'
import type { ReindexRecord, ReindexRecords } from './reindex-record.ts'
import type { ReindexOutcome } from './reindex-work.ts'

/** So often the sink is stopped for the swap, where the new index has fewer documents each time. */
const MOST_ATTEMPTS = 3

export interface FillAndSwapParts {
  readonly sinks: HeldSinks
  readonly records: ReindexRecords
  readonly perform: (step: 'fill' | 'finish', record: ReindexRecord) => Promise<ReindexOutcome>
  readonly signal: AbortSignal
  readonly logger: TaskLogger
}

/**
 * Fills the new indices, stops the sink, and swaps; tried again where that may help. Resolves with what is stored then;
 * the sink stands still.
 */
export async function fillAndSwap(
  connector: string,
  begun: ReindexRecord,
  parts: FillAndSwapParts,
): Promise<ReindexRecord> {
  let record = begun
  for (let attempt = 1; record.swapped === null; attempt++) {
    try {
      record = await attemptOnce(connector, record, parts)
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !mayPass(error)) throw error
      parts.logger.warn({ connector, reason: describeError(error) }, 'A reindexing is tried again')
      record = { ...((await parts.records.read(connector)) ?? record), isStill: false }
    }
  }
  return record
}

async function attemptOnce(
  connector: string,
  begun: ReindexRecord,
  { sinks, records, perform, signal }: FillAndSwapParts,
): Promise<ReindexRecord> {
  let record = begun
  if (!record.isStill) {
    // A sink that was ended while it stopped has done more than it has committed: it runs once more.
    await sinks.release(connector, record)
    ;({ record } = await perform('fill', { ...record, held: null }))
  }
  const { record: still, indices } = await perform('finish', await sinks.hold(connector, record, signal))
  record = { ...still, swapped: indices }
  await records.write(connector, record)
  return record
}

/** A sink that was not done when its time to stop was over has documents in the old index that are not in the new one yet. */
function mayPass(error: unknown): boolean {
  return error instanceof JobFailure && (error.isRetriable || error.code === 'connect.reindex-fewer')
}
