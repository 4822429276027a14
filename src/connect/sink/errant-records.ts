import type { SinkRecord } from '../../api/record.ts'
import type { ErrantRecordReporter } from '../../api/sink-task.ts'
import type { DeadLetterQueue } from './dead-letter-queue.ts'
import { SINK_TASK, type ErrorTolerance } from '../task/error-tolerance.ts'

/**
 * Where a sink task reports records that it cannot store. Null where nobody would learn of them, as in the reference:
 * neither a dead letter queue nor `errors.log.enable` is set. With `errors.tolerance=none` a dead letter is kept as well,
 * and then the report is rejected with `connect.tolerance-exceeded`.
 */
export function errantRecordReporter(
  tolerance: ErrorTolerance,
  deadLetters: DeadLetterQueue | null,
): ErrantRecordReporter | null {
  if (deadLetters === null && !tolerance.logs) return null
  return {
    async report({ origin, timestamp }: SinkRecord, error: unknown): Promise<void> {
      const record = { kind: 'consumed', ...origin, timestamp } as const
      const failure = { stage: 'TASK_PUT', className: SINK_TASK, error, record } as const
      await deadLetters?.send(origin, failure)
      tolerance.tolerate(failure)
    },
  }
}
