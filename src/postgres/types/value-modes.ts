/** The options that decide how column values are represented. `PostgresOptions` satisfies it. */
export interface ValueModes {
  readonly decimalHandlingMode: 'precise' | 'double' | 'string'
  readonly moneyFractionDigits: number
  readonly timePrecisionMode:
    | 'adaptive'
    | 'adaptive_time_microseconds'
    | 'connect'
    | 'isostring'
    | 'microseconds'
    | 'nanoseconds'
    | 'structured'
  readonly intervalHandlingMode: 'numeric' | 'string'
  readonly binaryHandlingMode: 'bytes' | 'base64' | 'base64-url-safe' | 'hex'
  readonly hstoreHandlingMode: 'json' | 'map'
  /** Whether columns of types that are not known are kept, as opaque binary. */
  readonly includeUnknownDatatypes: boolean
  /** What stands for an unchanged TOASTed value that PostgreSQL did not send. */
  readonly unavailableValuePlaceholder: Buffer
}
