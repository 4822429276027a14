import {
  AuthenticationError,
  NetworkError,
  ProtocolError,
  ResponseError,
  TimeoutError,
} from '@platformatic/kafka'
import {
  ConfigError,
  ConflictError,
  ConnectError,
  describeError,
  NotFoundError,
  RetriableError,
} from '../../api/errors.ts'

/** The error of a broker's answer; the name is Kafka's: `NOT_COORDINATOR`. */
export function brokerError(errorCode: number, message: string | null = null): ProtocolError {
  return new ProtocolError(errorCode, message)
}

/** Kafka's name of what went wrong, or null for what no broker said. */
export function brokerErrorName(error: unknown): string | null {
  return error instanceof ProtocolError ? (error['apiId'] as string) : null
}

/** Whether the same request may succeed a little later: a broker that is away, starts, or has handed over its part. */
export function isPassing(error: unknown): boolean {
  if (isRefusedLogin(error)) return false
  const own = ownError(error)
  if (own !== null) return own instanceof RetriableError
  if (isRefusedCertificate(error)) return false
  if (error instanceof ProtocolError) return error['canRetry'] === true || isBetweenTransactions(error)
  if (error instanceof NetworkError || error instanceof TimeoutError) return error['canRetry'] !== false
  return error instanceof AggregateError && error.errors.every(isPassing)
}

function isRefusedLogin(error: unknown): boolean {
  if (error instanceof AuthenticationError) return true
  if (error instanceof AggregateError && error.errors.some(isRefusedLogin)) return true
  return error instanceof Error && error.cause !== undefined && isRefusedLogin(error.cause)
}

/** The last transaction of this producer is still being completed. */
function isBetweenTransactions(error: ProtocolError): boolean {
  return error['apiId'] === 'CONCURRENT_TRANSACTIONS'
}

/** What a token endpoint said, somewhere among the causes. */
function ownError(error: unknown): ConnectError | null {
  return causeWhere(error, (cause) => cause instanceof ConnectError) as ConnectError | null
}

/** One of the sides did not accept the other's certificate. */
function isRefusedCertificate(error: unknown): boolean {
  return causeWhere(error, ({ code = '' }) => CERTIFICATE_ERROR.test(code)) !== null
}

const CERTIFICATE_ERROR = /CERT|UNABLE_TO_(?:GET|VERIFY)|^ERR_SSL_|^EPROTO$/

/** The first error for which `isIt` holds, among an error, its causes and theirs. */
function causeWhere(
  error: unknown,
  isIt: (error: Error & { readonly code?: string }) => boolean,
): Error | null {
  if (!(error instanceof Error)) return null
  if (isIt(error)) return error
  const inner: readonly unknown[] = error instanceof AggregateError ? error.errors : []
  for (const cause of [...inner, error.cause]) {
    const found = causeWhere(cause, isIt)
    if (found !== null) return found
  }
  return null
}

/** What callers of the log see. @param doing completes "Cannot …": `append to topic a` */
export function asConnectError(error: unknown, doing: string): ConnectError {
  if (error instanceof ConnectError) return error
  const message = `Cannot ${doing}: ${describeBrokerError(error)}`
  const options = { cause: error }
  const own = ownError(error)
  if (own !== null) return own
  if (isRefusedLogin(error)) {
    return new ConfigError(
      'log.kafka-refused',
      `${message}. Check sasl.mechanism and sasl.jaas.config`,
      options,
    )
  }
  if (isRefusedCertificate(error)) {
    const hint =
      'Check ssl.truststore.location, the host name, and ssl.keystore.location where the brokers ask for it'
    return new ConfigError('log.kafka-refused', `${message}. ${hint}`, options)
  }
  if (isPassing(error)) return new RetriableError('log.kafka-unreachable', message, options)
  switch (brokerErrorName(error)) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'UNKNOWN_TOPIC_ID':
      return new NotFoundError('log.topic-unknown', message, options)
    case 'INVALID_TOPIC_EXCEPTION':
    case 'INVALID_PARTITIONS':
    case 'INVALID_REPLICATION_FACTOR':
    case 'INVALID_CONFIG':
    case 'POLICY_VIOLATION':
      return new ConfigError('log.topic-invalid', message, options)
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return new ConnectError('log.record-too-large', message, options)
    case 'UNKNOWN_MEMBER_ID':
    case 'ILLEGAL_GENERATION':
    case 'NON_EMPTY_GROUP':
    case 'GROUP_SUBSCRIBED_TO_TOPIC':
      return new ConflictError('log.group-active', message, options)
    case null:
    default:
      return new ConnectError('log.kafka-refused', message, options)
  }
}

function describeBrokerError(error: unknown): string {
  if (error instanceof ResponseError) return error.errors.map(describeBrokerError).join('; ')
  if (!(error instanceof ProtocolError)) return describeError(error)
  const said = error['serverErrorMessage'] as string | null
  return `${String(error['apiId'])}: ${said ?? error.message}`
}
