import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ReindexedIndex } from '../../api/reindexing.ts'
import type { ConnectorOf } from '../jobs/job-spec.ts'
import type { ReindexRecord } from './reindex-record.ts'

/**
 * A part of a reindexing. `fill` ends where the new indices have nearly all that the sink has stored; `finish`, which
 * wants a sink that is stopped, fills up the rest and swaps; `tidy` deletes old indices that are to go, `discard` the new ones.
 */
export interface ReindexWork {
  readonly kind: 'reindex'
  readonly step: 'fill' | 'finish' | 'tidy' | 'discard'
  /** With its secrets. */
  readonly config: ConnectorConfig
  readonly sources: readonly ConnectorOf[]
  /** It commits more by itself. */
  readonly isSinkRunning: boolean
  readonly record: ReindexRecord
}

export interface ReindexOutcome {
  readonly record: ReindexRecord
  /** After `finish`. */
  readonly indices: readonly ReindexedIndex[]
}

export interface ReindexProgress {
  readonly phase: 'copying rows' | 'copying records' | 'swapping'
  readonly done: number
  /** As far as it is known. */
  readonly of: number
}
