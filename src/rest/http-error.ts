import { ConflictError, ConfigError, ConnectError, describeError, NotFoundError } from '../api/errors.ts'
import type { ErrorCode } from '../api/error-codes.ts'

/** An error of the HTTP exchange itself, with the status that answers it. */
export class HttpError extends ConnectError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ErrorCode,
    answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
    message: string,
  ) {
    super(code, message)
    this.status = answer.status
    this.headers = answer.headers ?? {}
  }
}

/** Requests that no endpoint takes are answered in the words of the reference's JAX-RS. */
const REASONS = {
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  415: 'Unsupported Media Type',
} as const

export function unsupportedRequest(
  status: keyof typeof REASONS,
  headers: Readonly<Record<string, string>> = {},
): HttpError {
  return new HttpError('rest.request-unsupported', { status, headers }, `HTTP ${status} ${REASONS[status]}`)
}

const STATUS_OF_CODE: { readonly [code in ErrorCode]?: number } = {
  'connect.tracking-disabled': 403,
  'connect.signature-invalid': 403,
  'connect.session-key-missing': 503,
}

/** The one place where an error becomes a status. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status
  if (error instanceof NotFoundError) return 404
  if (error instanceof ConflictError) return 409
  if (error instanceof ConnectError && error.code in STATUS_OF_CODE) return STATUS_OF_CODE[error.code]!
  return error instanceof ConfigError ? 400 : 500
}

/** What the client reads: never a stack. */
export function errorBody(error: unknown): { readonly error_code: number; readonly message: string } {
  // A ConnectError's message is whole by itself; of others the causes often say more than the error.
  const message = error instanceof ConnectError ? error.message : describeError(error)
  return { error_code: statusOf(error), message }
}
