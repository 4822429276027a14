import { ConnectError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import { backoffMs } from '../client/backoff.ts'
import type { BulkBody } from './bulk-body.ts'
import { OccasionalWarning } from '../occasional-warning.ts'
import type { RetryCause } from './request-outcome.ts'

export interface BulkRetriesOptions {
  readonly retryBackoffMs: number
  /** Failures in a row after which the task fails; null: never, transient causes are waited out. */
  readonly maxRetries: number | null
  readonly readTimeoutMs: number
}

const MAX_READ_TIMEOUT_MS = 60_000
const SLOWEST_BYTES_PER_MS = 100

/** How long to wait for the answer to a bulk request, and when to send it again. */
export class BulkRetries {
  readonly #options: BulkRetriesOptions
  readonly #random: () => number
  readonly #retried: (cause: string) => void
  readonly #warning: OccasionalWarning
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(
    options: BulkRetriesOptions,
    {
      log,
      random,
      retried,
    }: {
      readonly log: TaskLogger
      readonly random: () => number
      /** A request is sent again later. @param cause one of few, for metrics */
      readonly retried: (cause: string) => void
    },
  ) {
    this.#options = options
    this.#random = random
    this.#retried = retried
    this.#warning = new OccasionalWarning(log, 'Elasticsearch does not take documents now; trying again')
  }

  /**
   * Grows with each failure: a request that takes longer than `read.timeout.ms` would never succeed otherwise. And with
   * the body: a busy server that is asked for a megabyte twice has twice the work.
   */
  readTimeoutMs(body: BulkBody): number {
    const { readTimeoutMs } = this.#options
    // Without end.
    if (readTimeoutMs === 0) return 0
    const usualMs = readTimeoutMs + Math.ceil(body.requestBytes().length / SLOWEST_BYTES_PER_MS)
    return Math.max(usualMs, Math.min(MAX_READ_TIMEOUT_MS, usualMs * 2 ** Math.min(body.failures, 16)))
  }

  /** Calls `again` after a while that grows with each failure. Throws `elasticsearch.retries-exhausted`. */
  later(body: BulkBody, { cause, reason }: RetryCause, again: () => void): void {
    body.failures++
    const { maxRetries, retryBackoffMs } = this.#options
    if (maxRetries !== null && body.failures > maxRetries) {
      throw new ConnectError('elasticsearch.retries-exhausted', 'Bulk request failed', {
        cause: new ConnectError(
          'elasticsearch.retries-exhausted',
          `Failed to execute bulk request due to '${reason}' after ${body.failures} attempt(s)`,
        ),
      })
    }
    this.#retried(cause)
    const waitMs = backoffMs(body.failures, retryBackoffMs, this.#random())
    this.#warning.warn(
      { failures: body.failures, waitMs: Math.round(waitMs), documents: body.count, reason },
      performance.now(),
    )
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      again()
    }, waitMs)
    this.#timers.add(timer)
  }

  /** Nothing is sent again any more. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
