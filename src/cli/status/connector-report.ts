/** A task as `/events` has it. */
export interface TaskView {
  readonly id: number
  readonly state: string
  readonly worker_id: string
  readonly trace?: string
  /** What it waits for though it runs. */
  readonly waits_for?: string
}

/** A connector as `/events` has it. */
export interface ConnectorView {
  readonly name: string
  readonly type: string
  readonly state: string
  readonly worker_id: string
  readonly trace: string | null
  readonly tasks: readonly TaskView[]
  readonly problems: readonly string[]
}

/** Numbers of a connector as `/events` has them; those that its tasks do not have are missing. */
export type Numbers = Readonly<Record<string, number | undefined>>

/** How a connector does. Null: nobody knows, or it has no such thing. */
export interface ConnectorReport extends ConnectorView {
  /** Of a source those written to topics, of a sink those taken over. */
  readonly records_per_second: number | null
  /** Of a sink: records of its topics that are not in the index. */
  readonly lag_records: number | null
  /** Of a source: WAL that it has not confirmed. */
  readonly lag_bytes: number | null
  /** How old the oldest record is that a sink has not stored; of a source that streams, from commit to topic. */
  readonly lag_ms: number | null
  readonly retained_wal_bytes: number | null
  readonly records_read: number | null
  readonly records_written: number | null
  readonly record_failures: number | null
  readonly dead_letters: number | null
  readonly snapshot: { readonly rows: number; readonly expected_rows: number | null } | null
}

/** @param before the numbers of an earlier moment, and how long ago that was */
export function connectorReport(
  view: ConnectorView,
  now: Numbers,
  before: { readonly numbers: Numbers; readonly seconds: number } | null,
): ConnectorReport {
  const streamed = now['streaming'] === 1 ? now['behind_ms'] : undefined
  return {
    ...view,
    records_per_second: before === null ? null : rateOf(now['written'], before),
    lag_records: now['lag_records'] ?? null,
    lag_bytes: now['lag_bytes'] ?? null,
    lag_ms: now['lag_ms'] ?? streamed ?? null,
    retained_wal_bytes: now['retained_wal_bytes'] ?? null,
    records_read: now['read'] ?? null,
    records_written: now['written'] ?? null,
    record_failures: now['failures'] ?? null,
    dead_letters: now['dead_letters'] ?? null,
    snapshot:
      now['snapshot_running'] === 1
        ? { rows: now['snapshot_rows'] ?? 0, expected_rows: now['snapshot_expected_rows'] || null }
        : null,
  }
}

/** Something failed, starts again and again, does not move, or waits. */
export function needsAttention({ state, tasks, problems }: ConnectorView): boolean {
  const isBad = (each: string): boolean => each === 'FAILED' || each === 'RESTARTING'
  return (
    isBad(state) ||
    problems.length > 0 ||
    tasks.some((task) => isBad(task.state) || task.waits_for !== undefined)
  )
}

/** Counters begin anew when a task is started again. */
function rateOf(
  written: number | undefined,
  { numbers, seconds }: { readonly numbers: Numbers; readonly seconds: number },
): number | null {
  const then = numbers['written']
  if (written === undefined || then === undefined || seconds <= 0) return null
  return Math.max(0, written - then) / seconds
}
