import type { ReindexedIndex } from '../../api/reindexing.ts'
import type { ReindexProgress } from './reindex-work.ts'

export interface ReindexRequest {
  /** Null: as it was begun, else from the log. */
  readonly from: 'log' | 'snapshot' | null
  readonly isDeletingOld: boolean
  readonly areFewerAccepted: boolean
}

export type ReindexState =
  | { readonly state: 'RUNNING'; readonly progress: ReindexProgress }
  | { readonly state: 'COMPLETED'; readonly seconds: number; readonly indices: readonly ReindexedIndex[] }
  /** What was done stays: the next start goes on from there. */
  | { readonly state: 'FAILED'; readonly message: string }
