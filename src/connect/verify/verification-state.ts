/** How far a verification is: what it does, and how much of that is done. */
export interface VerificationProgress {
  readonly phase: 'reading rows' | 'reading documents' | 'looking again'
  readonly done: number
  /** As far as it is known. */
  readonly of: number
}

export type DifferenceKind = 'missing' | 'stale' | 'extra'

export interface Difference {
  readonly kind: DifferenceKind
  readonly index: string
  readonly id: string
  readonly isRepaired: boolean
}

export interface VerificationResult {
  readonly tables: readonly string[]
  readonly indices: readonly string[]
  readonly rows: number
  readonly documents: number
  readonly missing: number
  readonly stale: number
  readonly extra: number
  readonly repaired: number
  /** Changed so often that nothing could be said of them, or have a version that the database has not reached. */
  readonly unsettled: number
  /** False: there were too many differences for one time; those that were not looked at are not counted. */
  readonly isComplete: boolean
  /** The first of them. */
  readonly differences: readonly Difference[]
}

export type VerificationState =
  | { readonly state: 'RUNNING'; readonly progress: VerificationProgress }
  | { readonly state: 'COMPLETED'; readonly seconds: number; readonly result: VerificationResult }
  | { readonly state: 'FAILED'; readonly message: string }
