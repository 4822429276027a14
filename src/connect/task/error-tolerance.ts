import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigDef, type ConnectorConfig } from '../../api/config-def.ts'
import { ConnectError, describeError } from '../../api/errors.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import { errorOptions } from '../config/error-options.ts'
import { isRetriable } from './failure-trace.ts'
import type { TaskId } from '../herder.ts'
import type { TaskMeter } from './task-meter.ts'

/** Where in a record's way something failed, in the words of Connect's error headers. */
export type ErrorStage =
  'TRANSFORMATION' | 'KEY_CONVERTER' | 'VALUE_CONVERTER' | 'HEADER_CONVERTER' | 'TASK_PUT'

/** The class that stands for all sink tasks in error headers. */
export const SINK_TASK = 'org.apache.kafka.connect.sink.SinkTask'

/** One record that failed for good. */
export interface RecordFailure {
  readonly stage: ErrorStage
  /** The converter's or transformation's class. */
  readonly className: string
  readonly error: unknown
  readonly record: FailedRecord
}

/** Where a record lies, or was to go. Its data are nobody's business here. */
export type FailedRecord =
  | (TopicPartitionOffset & { readonly kind: 'consumed'; readonly timestamp: number | null })
  | { readonly kind: 'source'; readonly topic: string }

const FIRST_RETRY_MS = 300

/** What a connector wants done with records that cannot be converted or transformed (`errors.*`). */
export class ErrorTolerance {
  readonly toleratesAll: boolean
  readonly logs: boolean
  readonly #config
  readonly #task: TaskId
  readonly #logger: TaskLogger
  readonly #signal: AbortSignal
  readonly #meter: TaskMeter

  constructor(
    config: ConnectorConfig,
    {
      task,
      logger,
      signal,
      meter,
    }: {
      readonly task: TaskId
      readonly logger: TaskLogger
      readonly signal: AbortSignal
      readonly meter: TaskMeter
    },
  ) {
    this.#task = task
    this.#config = new ConfigDef(errorOptions).parse(config)
    this.#logger = logger
    this.#signal = signal
    this.#meter = meter
    this.toleratesAll = this.#config['errors.tolerance'] === 'all'
    this.logs = this.#config['errors.log.enable']
  }

  /**
   * Called when `attempt` threw `error`: tries again while the cause may pass and `errors.retry.timeout` allows it.
   * Answers what `attempt` gave in the end, or the last error.
   */
  async retry<T>(
    error: unknown,
    attempt: () => T | Promise<T>,
  ): Promise<{ readonly value: T } | { readonly error: unknown }> {
    const timeoutMs = Number(this.#config['errors.retry.timeout'])
    const mostDelayMs = Number(this.#config['errors.retry.delay.max.ms'])
    const deadline = timeoutMs < 0 ? Infinity : performance.now() + timeoutMs
    let last = error
    for (let delayMs = FIRST_RETRY_MS; isRetriable(last) && performance.now() < deadline; delayMs *= 2) {
      const pauseMs = Math.min(delayMs, mostDelayMs, deadline - performance.now())
      await sleep(Math.max(0, pauseMs), undefined, { signal: this.#signal })
      this.#meter.add('total-retries')
      try {
        return { value: await attempt() }
      } catch (next) {
        last = next
      }
    }
    return { error: last }
  }

  /** Passes a failed record over, or throws `connect.tolerance-exceeded` where the connector does not tolerate it. */
  tolerate(failure: RecordFailure): void {
    this.#meter.add('total-record-failures')
    this.#meter.set('last-error-timestamp', Date.now())
    if (this.logs) this.#log(failure)
    if (!this.toleratesAll) {
      this.#meter.add('total-record-errors')
      throw new ConnectError('connect.tolerance-exceeded', 'Tolerance exceeded in error handler', {
        cause: failure.error,
        ...(failure.record.kind === 'consumed' && { origin: failure.record }),
      })
    }
    this.#meter.add('total-records-skipped')
  }

  /** The message is the reference's, word for word, because people have alarms on it. */
  #log({ stage, className, error, record }: RecordFailure): void {
    this.#meter.add('total-errors-logged')
    const { connector, task } = this.#task
    const place = this.#config['errors.log.include.messages'] ? placeText(record) : ''
    this.#logger.error(
      { stage, class: className, reason: describeError(error) },
      `Error encountered in task ${connector}-${task}. Executing stage '${stage}' with class '${className}'${place}.`,
    )
  }
}

function placeText(record: FailedRecord): string {
  switch (record.kind) {
    // The reference writes the whole record, and so its data, into the log.
    case 'source':
      return `, where source record is for topic '${record.topic}'`
    case 'consumed': {
      const { topic, partition, offset, timestamp } = record
      const time = timestamp === null ? '' : `, timestamp=${timestamp}, timestampType=CreateTime`
      return `, where consumed record is {topic='${topic}', partition=${partition}, offset=${offset}${time}}`
    }
  }
}
