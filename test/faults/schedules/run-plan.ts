/** What a run has to have for one of its faults. */
export type Need =
  | 'elasticsearch'
  | 'standby'
  | 'failover slot'
  | 'no failover slot'
  | 'disk'
  | 'filtered publication'
  | 'publication for all'

export interface PlannedFault {
  readonly name: string
  /** From the moment on at which all is ready. */
  readonly atMs: number
  readonly seed: number
}

/** All that is decided before a run; the same seed gives the same plan. What comes when within it is up to the machine. */
export interface RunPlan {
  readonly seed: number
  readonly log: 'embedded' | 'kafka'
  readonly workMs: number
  readonly needs: readonly Need[]
  /** Options of the source that differ between runs. */
  readonly source: Readonly<Record<string, string>>
  /** On Kafka: with transactions. */
  readonly exactlyOnce: boolean
  /** That are there before the snapshot, in each table. */
  readonly rows: number
  /** Faults come as soon as there are connectors; else once the snapshot is over. */
  readonly isFromSnapshot: boolean
  /** The search node of the demo has no scroll, by which an index is emptied. */
  readonly truncates: boolean
  readonly faults: readonly PlannedFault[]
}
