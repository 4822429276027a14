import {
  ConfigError,
  ConflictError,
  ConnectError,
  DataError,
  describeError,
  NotFoundError,
} from '../../api/errors.ts'
import type { ErrorCode } from '../../api/error-codes.ts'

/** An error on its way to another thread: a structured clone keeps neither the class nor the fields of ours. */
export interface SentError {
  readonly kind: 'config' | 'conflict' | 'data' | 'not-found' | 'other'
  readonly code: ErrorCode
  readonly message: string
  readonly retriable: boolean
}

export function sendError(error: unknown): SentError {
  if (!(error instanceof ConnectError)) {
    return { kind: 'other', code: 'log.read-failed', message: describeError(error), retriable: true }
  }
  // The causes go into the text: the cause itself may be anything, and need not survive the clone.
  return { kind: kindOf(error), code: error.code, message: describeError(error), retriable: error.retriable }
}

export function receiveError({ kind, code, message, retriable }: SentError): ConnectError {
  switch (kind) {
    case 'config':
      return new ConfigError(code, message, { retriable })
    case 'conflict':
      return new ConflictError(code, message, { retriable })
    case 'data':
      return new DataError(code, message, { retriable })
    case 'not-found':
      return new NotFoundError(code, message, { retriable })
    case 'other':
      return new ConnectError(code, message, { retriable })
  }
}

function kindOf(error: ConnectError): SentError['kind'] {
  if (error instanceof ConfigError) return 'config'
  if (error instanceof ConflictError) return 'conflict'
  if (error instanceof DataError) return 'data'
  if (error instanceof NotFoundError) return 'not-found'
  return 'other'
}
