/** `worker`: who is followed. */
export interface WorkerInfo {
  readonly version: string
  readonly commit: string
  readonly kafka_cluster_id: string
  readonly has_group: boolean
}

export interface TaskView {
  readonly id: number
  readonly state: string
  readonly worker_id: string
  readonly trace?: string
  /** What it waits for though it runs. */
  readonly waits_for?: string
  /** What the trace is about, and what that means in general. */
  readonly code?: string
  readonly meaning?: string
  readonly record?: { readonly topic: string; readonly partition: number; readonly offset: number | bigint }
  readonly restarts?: { readonly count: number; readonly reason: string; readonly last_failure_at: number }
}

/** How far a long piece of work is, or what came out. */
export type JobView<Phase extends string, Result> =
  | {
      readonly state: 'RUNNING'
      readonly progress: { readonly phase: Phase; readonly done: number; readonly of: number }
    }
  | { readonly state: 'FAILED'; readonly message: string }
  | ({ readonly state: 'COMPLETED'; readonly seconds: number } & Result)

/** The comparison of a sink with its tables. */
export type VerificationView = JobView<
  'reading rows' | 'reading documents' | 'looking again',
  { readonly result: Readonly<Record<'documents' | 'missing' | 'stale' | 'extra' | 'repaired', number>> }
>

/** The filling of new indices. */
export type ReindexingView = JobView<
  'copying rows' | 'copying records' | 'swapping',
  {
    readonly indices: readonly {
      readonly name: string
      readonly index: string
      readonly documents: number
      readonly old: { readonly index: string; readonly documents: number; readonly deleted: boolean } | null
    }[]
  }
>

export interface ConnectorView {
  readonly name: string
  readonly type: 'source' | 'sink' | 'unknown'
  readonly class: string
  readonly state: string
  readonly worker_id: string
  readonly trace: string | null
  readonly tasks: readonly TaskView[]
  readonly verification: VerificationView | null
  readonly reindexing: ReindexingView | null
  readonly problems: readonly string[]
  readonly dead_letter_topic: string | null
}

/** `connectors`: all of them at first, then those that changed. */
export interface ConnectorChanges {
  readonly changed: readonly ConnectorView[]
  readonly removed: readonly string[]
}

/** Numbers of a connector; those that its tasks do not have are missing. Totals are since the worker started. */
export interface ConnectorNumbers {
  readonly read?: number
  readonly written?: number
  readonly failures?: number
  readonly skipped?: number
  readonly dead_letters?: number
  readonly lag_records?: number
  readonly lag_ms?: number
  readonly lag_bytes?: number
  readonly retained_wal_bytes?: number
  readonly behind_ms?: number
  readonly streaming?: number
  readonly snapshot_running?: number
  readonly snapshot_tables?: number
  readonly snapshot_remaining?: number
  readonly snapshot_rows?: number
  readonly snapshot_expected_rows?: number
  readonly indexed_requests?: number
  readonly indexed_delay_ms?: number
}

/** `sample`: once a second. */
export interface Sample {
  readonly at: number
  readonly memory_bytes: number
  readonly connectors: Readonly<Record<string, ConnectorNumbers>>
}
