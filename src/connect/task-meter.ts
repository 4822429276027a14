/** What is counted of a task, by the names of Kafka Connect's metrics; all since the worker started. */
export const TASK_COUNTERS = [
  'source-record-poll-total',
  'source-record-write-total',
  'sink-record-read-total',
  'sink-record-send-total',
  'put-batch-total',
  'put-batch-time-ms-total',
  'partition-count',
  'offset-commit-completion-total',
  'total-record-failures',
  'total-record-errors',
  'total-records-skipped',
  'total-retries',
  'total-errors-logged',
  'deadletterqueue-produce-requests',
  'deadletterqueue-produce-failures',
] as const

export type TaskCounter = (typeof TASK_COUNTERS)[number]

/**
 * A task's counters in memory that its thread and the main thread share: counting costs the task a store per batch, and
 * the main thread nothing until somebody asks. Each has one writer, the task; a reader may be a batch behind.
 */
export class TaskMeter {
  readonly buffer: SharedArrayBuffer
  readonly #values: Float64Array

  constructor(buffer = new SharedArrayBuffer(TASK_COUNTERS.length * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#values = new Float64Array(buffer)
  }

  add(counter: TaskCounter, count = 1): void {
    const index = TASK_COUNTERS.indexOf(counter)
    this.#values[index] = this.#values[index]! + count
  }

  /** For what is a state and no count. */
  set(counter: TaskCounter, value: number): void {
    this.#values[TASK_COUNTERS.indexOf(counter)] = value
  }

  value(counter: TaskCounter): number {
    return this.#values[TASK_COUNTERS.indexOf(counter)]!
  }
}
