import type { ConnectorOf } from '../jobs/job-spec.ts'

/** Compare a sink's documents with the rows of whichever source feeds it. Its result is a `VerificationResult`. */
export interface VerifyWork {
  readonly kind: 'verify'
  readonly sink: ConnectorOf
  readonly sources: readonly ConnectorOf[]
  readonly isRepairing: boolean
}
