import { ConnectError } from '../../api/errors.ts'
import type { SinkTaskContext, TopicPartitionOffset } from '../../api/sink-task.ts'

/**
 * Reports a record that is not stored. Whether the task fails then the sink's own options say, `errors.tolerance` does
 * not: as in the reference, where nobody hears of what its reporter throws.
 */
export async function reportErrant(
  { errantRecords }: Pick<SinkTaskContext, 'errantRecords'>,
  origin: TopicPartitionOffset,
  error: unknown,
): Promise<void> {
  try {
    await errantRecords?.report({ origin }, error)
  } catch (failure) {
    if (!(failure instanceof ConnectError) || failure.code !== 'connect.tolerance-exceeded') throw failure
  }
}
