import type { ConnectorOf } from '../jobs/job-spec.ts'

/** Look at the world of connectors that may not be there yet. Its result is an `Examined` for each that looks at something. */
export interface PreflightWork {
  readonly kind: 'preflight'
  readonly connectors: readonly ConnectorOf[]
  /** What has not answered by then does not answer. */
  readonly deadlineMs: number
}
