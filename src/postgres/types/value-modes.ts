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
  /** Forms beyond the reference's, each for itself. See docs/value-forms.md. */
  readonly numericForm: 'reference' | 'number'
  readonly timeForm: 'reference' | 'iso'
  readonly jsonForm: 'reference' | 'object'
  readonly hstoreForm: 'reference' | 'object'
  readonly compositeForm: 'reference' | 'struct'
  readonly arrayForm: 'reference' | 'all' | 'nested'
  /** What becomes of a value that its schema cannot hold. */
  readonly convertingFailureMode: 'fail' | 'warn' | 'skip'
  /** Whether columns of types that are not known are kept, as opaque binary. */
  readonly includeUnknownDatatypes: boolean
  /** What stands for an unchanged TOASTed value that PostgreSQL did not send. */
  readonly unavailableValuePlaceholder: Buffer
}
