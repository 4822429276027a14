import type { FuzzTargetName } from './fuzz-target.ts'

export interface FuzzJob {
  readonly target: FuzzTargetName
  readonly runs: number
  readonly seed: number
  /** Of a target that is none of ours: a module with `open`. */
  readonly module?: string
  /** Two 32-bit numbers, the executions begun and the length of the input, and then the input at hand. */
  readonly progress: SharedArrayBuffer
}

export interface FuzzOutcome {
  readonly failure: { readonly input: string; readonly message: string } | null
  /** By how much what is in use grew from the first tenth of the executions to the end, in bytes. */
  readonly growthBytes: number
}

/** Of `FuzzJob.progress`. */
export const PROGRESS_HEADER_BYTES = 8
