import type { JsonObject } from '../../api/record.ts'
import type { TaskMeters } from '../../connect/herder.ts'
import { readMetrics } from '../../connect/reported-metrics.ts'
import type { TaskCounter } from '../../connect/task/task-meter.ts'

/** What the console draws of the numbers that tasks report by themselves, by the names of `/metrics`. */
const REPORTED: Readonly<Record<string, string>> = {
  tailrace_postgres_slot_retained_wal_bytes: 'retained_wal_bytes',
  tailrace_postgres_slot_lag_bytes: 'lag_bytes',
  'debezium_metrics_MilliSecondsBehindSource streaming': 'behind_ms',
  'debezium_metrics_Connected streaming': 'streaming',
  'debezium_metrics_SnapshotRunning snapshot': 'snapshot_running',
  'debezium_metrics_TotalTableCount snapshot': 'snapshot_tables',
  'debezium_metrics_RemainingTableCount snapshot': 'snapshot_remaining',
  'debezium_metrics_TotalNumberOfEventsSeen snapshot': 'snapshot_rows',
  tailrace_postgres_snapshot_expected_rows: 'snapshot_expected_rows',
  tailrace_elasticsearch_indexed_requests: 'indexed_requests',
  tailrace_elasticsearch_indexed_delay_ms_total: 'indexed_delay_ms',
}

const COUNTED: Readonly<Partial<Record<TaskCounter, string>>> = {
  'source-record-poll-total': 'read',
  'sink-record-read-total': 'read',
  'source-record-write-total': 'written',
  'sink-record-send-total': 'written',
  'total-record-failures': 'failures',
  'total-records-skipped': 'skipped',
  'deadletterqueue-produce-requests': 'dead_letters',
}

/** The numbers of a connector now: those of its tasks in this worker, added up. Null: it has none here. */
export function connectorSample(meters: readonly TaskMeters[], nowMs: number): JsonObject | null {
  if (meters.length === 0) return null
  const sample: Record<string, number> = {}
  const add = (name: string, value: number): void => {
    sample[name] = (sample[name] ?? 0) + value
  }
  for (const { meter, reported } of meters) {
    for (const [counter, name] of Object.entries(COUNTED)) add(name, meter.value(counter as TaskCounter))
    for (const group of reported) {
      for (const { name, labels, value } of readMetrics(group, nowMs)) {
        const shown = REPORTED[labels['context'] === undefined ? name : `${name} ${labels['context']}`]
        if (shown !== undefined && labels['table'] === undefined) add(shown, value)
      }
    }
  }
  return sample
}
