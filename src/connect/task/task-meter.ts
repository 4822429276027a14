import { monotonicMs, RecentValues, type RecentReading } from '../recent-values.ts'

/** What is counted of a task, by the names of Kafka Connect's metrics; all since the worker started. */
export const TASK_COUNTERS = [
  'source-record-poll-total',
  'source-record-write-total',
  'source-record-active-count',
  'sink-record-read-total',
  'sink-record-send-total',
  'sink-record-active-count',
  'put-batch-total',
  'put-batch-time-ms-total',
  'partition-count',
  'offset-commit-seq-no',
  'offset-commit-completion-total',
  'total-record-failures',
  'total-record-errors',
  'total-records-skipped',
  'total-retries',
  'total-errors-logged',
  'last-error-timestamp',
  'deadletterqueue-produce-requests',
  'deadletterqueue-produce-failures',
] as const

export type TaskCounter = (typeof TASK_COUNTERS)[number]

/** Of what the values of the last minute are kept, too: of counters what was added or set, else what was observed. */
const TASK_MEASURES = [
  'source-record-poll-total',
  'source-record-write-total',
  'source-record-active-count',
  'sink-record-read-total',
  'sink-record-send-total',
  'sink-record-active-count',
  'offset-commit-completion-total',
  'batch-size',
  'poll-batch-time-ms',
  'put-batch-time-ms',
  'offset-commit-time-ms',
  /** 1: a commit succeeded; 0: one failed. */
  'offset-commit-success',
] as const

export type TaskMeasure = (typeof TASK_MEASURES)[number]

const MEASURE_OF_COUNTER = TASK_COUNTERS.map((counter) =>
  (TASK_MEASURES as readonly string[]).indexOf(counter),
)
const LENGTH = TASK_COUNTERS.length + TASK_MEASURES.length * RecentValues.length

/**
 * A task's counters in memory that its thread and the main thread share: counting costs the task some stores per batch,
 * and the main thread nothing until somebody asks. Each has one writer, the task; a reader may be a batch behind.
 */
export class TaskMeter {
  readonly buffer: SharedArrayBuffer
  readonly #values: Float64Array
  readonly #measures: readonly RecentValues[]
  /** The time that values are kept by. To read it is most of what counting costs: who counts several things reads it once. */
  readonly now: () => number

  constructor(
    buffer = new SharedArrayBuffer(LENGTH * Float64Array.BYTES_PER_ELEMENT),
    now: () => number = monotonicMs,
  ) {
    this.buffer = buffer
    this.#values = new Float64Array(buffer)
    this.now = now
    this.#measures = TASK_MEASURES.map((_, measure) => {
      const place = TASK_COUNTERS.length + measure * RecentValues.length
      return new RecentValues(this.#values.subarray(place, place + RecentValues.length))
    })
  }

  add(counter: TaskCounter, count = 1, nowMs?: number): void {
    const index = TASK_COUNTERS.indexOf(counter)
    this.#values[index] = this.#values[index]! + count
    this.#measures[MEASURE_OF_COUNTER[index]!]?.record(count, nowMs ?? this.now())
  }

  /** For what is a state and no count. */
  set(counter: TaskCounter, value: number, nowMs?: number): void {
    const index = TASK_COUNTERS.indexOf(counter)
    this.#values[index] = value
    this.#measures[MEASURE_OF_COUNTER[index]!]?.record(value, nowMs ?? this.now())
  }

  observe(measure: TaskMeasure, value: number, nowMs = this.now()): void {
    this.#measures[TASK_MEASURES.indexOf(measure)]!.record(value, nowMs)
  }

  value(counter: TaskCounter): number {
    return this.#values[TASK_COUNTERS.indexOf(counter)]!
  }

  recent(measure: TaskMeasure): RecentReading {
    return this.#measures[TASK_MEASURES.indexOf(measure)]!.read(this.now())
  }
}
