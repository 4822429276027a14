import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import type { SinkBatch, SinkTask } from '../../api/sink-task.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { ConsumedBatch } from '../../log/log.ts'
import { isRetriable } from '../task/failure-trace.ts'
import type { TaskMeter } from '../task/task-meter.ts'
import type { SinkRecordConverter } from './sink-record-converter.ts'

const FIRST_DELAY_MS = 200
const MOST_DELAY_MS = 5_000
/** Some 30 s altogether; then the task fails, so that the status says why, and starts over by itself. */
const MOST_DELIVERIES = 10

/**
 * Gives what was polled to a sink task. A retriable error means that the task took nothing: the same batches are put
 * again, while nothing else is polled, which keeps their memory as it is.
 */
export class SinkDelivery {
  readonly #task: SinkTask
  readonly #converter: SinkRecordConverter
  readonly #logger: TaskLogger
  readonly #signal: AbortSignal
  readonly #meter: TaskMeter

  constructor(
    task: SinkTask,
    converter: SinkRecordConverter,
    {
      logger,
      signal,
      meter,
    }: { readonly logger: TaskLogger; readonly signal: AbortSignal; readonly meter: TaskMeter },
  ) {
    this.#task = task
    this.#converter = converter
    this.#logger = logger
    this.#signal = signal
    this.#meter = meter
  }

  async deliver(consumed: readonly ConsumedBatch[]): Promise<void> {
    const converted: SinkBatch[] = []
    for (const batch of consumed) converted.push(await this.#converter.convert(batch))
    for (let delivery = 1; ; delivery++) {
      const batches =
        delivery === 1 ? converted : converted.map((batch, i) => this.#again(batch, consumed[i]!))
      const wanted = batches.filter((batch) => batch.kind === 'json' || batch.records.length > 0)
      if (wanted.length === 0) return
      try {
        const startedMs = performance.now()
        await this.#task.put(wanted)
        this.#count(wanted, performance.now() - startedMs)
        return
      } catch (error) {
        if (!isRetriable(error) || delivery === MOST_DELIVERIES || this.#signal.aborted) throw putError(error)
        const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (delivery - 1), MOST_DELAY_MS)
        this.#logger.warn({ err: error, delivery, delayMs }, 'Records were not taken and will be put again')
        await sleep(delayMs, undefined, { signal: this.#signal })
      }
    }
  }

  #count(taken: readonly SinkBatch[], tookMs: number): void {
    const records = taken.reduce((sum, batch) => sum + sizeOf(batch), 0)
    const nowMs = this.#meter.now()
    this.#meter.add('put-batch-total')
    this.#meter.add('put-batch-time-ms-total', tookMs)
    this.#meter.observe('put-batch-time-ms', tookMs, nowMs)
    this.#meter.observe('batch-size', records, nowMs)
    this.#meter.add('sink-record-send-total', records, nowMs)
  }

  #again(batch: SinkBatch, consumed: ConsumedBatch): SinkBatch {
    return batch.kind === 'json' ? this.#converter.jsonBatch(consumed) : batch
  }
}

function sizeOf(batch: SinkBatch): number {
  return batch.kind === 'json' ? batch.reader.count : batch.records.length
}

/** The words that users of the reference look for; the cause is the reason. */
export function putError(error: unknown): ConnectError {
  // A record that could not be read says so itself, as when it fails before it reaches the task.
  if (error instanceof ConnectError && error.code === 'connect.tolerance-exceeded') return error
  return new ConnectError(
    'connect.sink-task-failed',
    'Exiting WorkerSinkTask due to unrecoverable exception.',
    { cause: error, retriable: isRetriable(error) },
  )
}
