import type { ErrorCode } from './error-codes.ts'

export interface ConnectErrorOptions {
  readonly cause?: unknown
  /** True where doing the same again later may succeed: the network, a server that restarts, back-pressure. */
  readonly retriable?: boolean
  /** Where the record lies that could not be dealt with. */
  readonly origin?: RecordPlace
}

export interface RecordPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

/**
 * The root of every error that tailrace raises on purpose. Code decides by class or `code`, never by the text; the
 * text says what happened, to which name, and what to do next. No secret may be in it.
 */
export class ConnectError extends Error {
  readonly code: ErrorCode
  readonly retriable: boolean
  readonly origin: RecordPlace | null

  constructor(code: ErrorCode, message: string, options: ConnectErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retriable = options.retriable ?? false
    this.origin = options.origin ?? null
  }
}

/** Try again later: the cause is expected to pass. */
export class RetriableError extends ConnectError {
  constructor(code: ErrorCode, message: string, options: Omit<ConnectErrorOptions, 'retriable'> = {}) {
    super(code, message, { ...options, retriable: true })
  }
}

/** This record cannot be converted, transformed or stored, and never will be. */
export class DataError extends ConnectError {}

/** The bytes are not what their format says. Converters pass it on as the cause of a `DataError` of their own words. */
export class SerializationError extends DataError {}

/** The configuration is wrong: answered with HTTP 400, fails a task for good. */
export class ConfigError extends ConnectError {}

/** The named thing does not exist: HTTP 404. */
export class NotFoundError extends ConnectError {}

/** The request contradicts the present state: HTTP 409. */
export class ConflictError extends ConnectError {}

/** The text of anything thrown, with its causes: `message: cause: cause's cause`. Never a stack. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.message || error.name
  // node:net reports a refused connection to a name with several addresses as an AggregateError without a message.
  const inner = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined)
  if (inner === undefined) return own
  const cause = describeError(inner)
  return own === cause || own.includes(cause) ? own : error.message ? `${own}: ${cause}` : cause
}
