import { ConnectError, describeError, RetriableError } from '../../api/errors.ts'

const SQLITE_FULL = 13

/** The error of a commit that did not happen: nothing of it is in the log, and the same may succeed later. */
export function writeFailure(dataDir: string, error: unknown): ConnectError {
  if (error instanceof ConnectError) return error
  if (isDiskFull(error)) {
    return new RetriableError(
      'log.disk-full',
      `The disk of the data directory ${dataDir} is full (${describeError(error)}). Nothing of the write was kept; make room and it goes on.`,
      { cause: error },
    )
  }
  return new RetriableError(
    'log.write-failed',
    `Cannot write to the data directory ${dataDir}: ${describeError(error)}. Nothing of the write was kept.`,
    { cause: error },
  )
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true
  return 'errcode' in error && error.errcode === SQLITE_FULL
}
