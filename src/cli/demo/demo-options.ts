/** What `tailrace demo` is asked for. */
export interface DemoOptions {
  readonly once?: true
  readonly reset?: true
  readonly postgres?: string
  readonly elasticsearch?: string
  /** Brokers: `HOST:PORT,HOST:PORT`. */
  readonly kafka?: string
  readonly version: string
}
