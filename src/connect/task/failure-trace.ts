import {
  ConfigError,
  ConnectError,
  DataError,
  describeError,
  NotFoundError,
  RetriableError,
  SerializationError,
} from '../../api/errors.ts'
import type { TaskFailure } from './task-messages.ts'

const ERRORS = 'org.apache.kafka.connect.errors'

/** The class name under which users of Connect know an error of this kind. */
export function javaClassName(error: unknown): string {
  if (error instanceof SerializationError) return 'org.apache.kafka.common.errors.SerializationException'
  if (error instanceof DataError) return `${ERRORS}.DataException`
  if (error instanceof RetriableError) return `${ERRORS}.RetriableException`
  if (error instanceof NotFoundError) return `${ERRORS}.NotFoundException`
  // Found only once a task runs, so it is the task's failure and not the answer to a configuration.
  if (error instanceof ConfigError) return `${ERRORS}.ConnectException`
  if (error instanceof ConnectError) return `${ERRORS}.ConnectException`
  return error instanceof Error ? error.name : 'Error'
}

/**
 * The status's `trace`: `class: message`, then a `Caused by:` line for each cause. Errors that nobody raised on purpose
 * bring their stack, because then the place is the only clue.
 */
export function failureTrace(error: unknown): string {
  const lines: string[] = []
  let cause: unknown = error
  for (let depth = 0; cause !== undefined && cause !== null && depth < 10; depth++) {
    const isConnectError = cause instanceof ConnectError
    const message = cause instanceof Error && isConnectError ? cause.message : describeError(cause)
    lines.push(`${depth === 0 ? '' : 'Caused by: '}${javaClassName(cause)}: ${message}`)
    if (!isConnectError && cause instanceof Error && cause.stack !== undefined) {
      lines.push(
        ...cause.stack
          .split('\n')
          .filter((line) => /^\s+at /.test(line))
          .slice(0, 12),
      )
    }
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return lines.join('\n')
}

export function taskFailure(error: unknown): TaskFailure {
  const raised = causesOf(error).filter((cause) => cause instanceof ConnectError)
  return {
    trace: failureTrace(error),
    isRetriable: isRetriable(error),
    code: raised.at(-1)?.code ?? null,
    origin: raised.find(({ origin }) => origin !== null)?.origin ?? null,
  }
}

/** The error itself, then what it was wrapped around. */
function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = []
  for (let cause = error; cause instanceof Error && causes.length < 10; cause = cause.cause)
    causes.push(cause)
  return causes
}

/** Whether an error, or what it was wrapped around, is expected to pass. */
export function isRetriable(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth++) {
    if (cause instanceof ConnectError && cause.retriable) return true
  }
  return false
}
