import { setTimeout } from 'node:timers/promises'
import { ConnectError, describeError, RetriableError } from '../../api/errors.ts'
import type { SinkTaskContext } from '../../api/sink-task.ts'
import { backoffMs } from './backoff.ts'
import { isTransientStatus } from '../bulk/bulk-response.ts'
import type { Answer, ClientRequestOptions, ElasticsearchClient } from './client.ts'
import { cutShort } from './cut-short.ts'
import { describeFailure, parseFailureAnswer } from './elasticsearch-error.ts'
import { OccasionalWarning } from '../occasional-warning.ts'

export interface PatientRequestsOptions {
  readonly retryBackoffMs: number
  /** As for bulk requests; null: transient causes are waited out. */
  readonly maxRetries: number | null
}

/** Requests beside the bulk ones; those that fail for a transient cause are tried again. */
export class PatientRequests {
  readonly #client: Pick<ElasticsearchClient, 'request'>
  readonly #options: PatientRequestsOptions
  readonly #context: Pick<SinkTaskContext, 'log' | 'signal' | 'waiting'>
  readonly #random: () => number
  readonly #warning: OccasionalWarning
  #isWaiting = false

  constructor(
    client: Pick<ElasticsearchClient, 'request'>,
    options: PatientRequestsOptions,
    {
      context,
      random,
    }: {
      readonly context: Pick<SinkTaskContext, 'log' | 'signal' | 'waiting'>
      readonly random: () => number
    },
  ) {
    this.#client = client
    this.#options = options
    this.#context = context
    this.#random = random
    this.#warning = new OccasionalWarning(
      context.log,
      'A request to Elasticsearch cannot be done now; trying again',
    )
  }

  /**
   * Any answer but one of a transient cause. Throws `elasticsearch.retries-exhausted`, `elasticsearch.stopped`.
   *
   * @param what names the request, for messages: `create index t`
   * @param lacking what is missing in an answer that is only a part of one; null: nothing
   */
  async send(
    what: string,
    request: ClientRequestOptions,
    lacking: (answer: Answer) => string | null = request.method === 'HEAD' ? () => null : cutShort,
  ): Promise<Answer> {
    return this.until(what, () => this.#attempt(request, lacking))
  }

  /**
   * For a request that does something else when it is sent again. A text says why there is no answer: whether it was done
   * is not known, so the caller begins again with what comes before it.
   */
  once(
    request: ClientRequestOptions,
    lacking: (answer: Answer) => string | null = cutShort,
  ): Promise<Answer | string> {
    return this.#attempt({ ...request, isOnce: true }, lacking)
  }

  /** What an attempt comes to in the end. One that comes to a text, which says why, is made again after a while. */
  async until<T extends object>(what: string, attempt: () => Promise<T | string>): Promise<T> {
    for (let failures = 1; ; failures++) {
      const result = await attempt()
      if (typeof result !== 'string') {
        this.#waitFor(null)
        return result
      }
      const { maxRetries, retryBackoffMs } = this.#options
      if (maxRetries !== null && failures > maxRetries) {
        throw new ConnectError(
          'elasticsearch.retries-exhausted',
          `Failed to ${what} due to '${result}' after ${failures} attempt(s)`,
        )
      }
      const waitMs = backoffMs(failures, retryBackoffMs, this.#random())
      this.#warning.warn(
        { request: what, failures, waitMs: Math.round(waitMs), reason: result },
        performance.now(),
      )
      this.#waitFor(result)
      await pause(waitMs, this.#context.signal)
    }
  }

  #waitFor(reason: string | null): void {
    if (reason === null && !this.#isWaiting) return
    this.#isWaiting = reason !== null
    this.#context.waiting?.(reason)
  }

  /** The answer, or why it is to be asked for again. */
  async #attempt(
    request: ClientRequestOptions,
    lacking: (answer: Answer) => string | null,
  ): Promise<Answer | string> {
    try {
      const answer = await this.#client.request(request)
      if (!isTransientStatus(answer.status) && answer.status < 500) return lacking(answer) ?? answer
      return describeFailure(parseFailureAnswer(answer.status, answer.bytes))
    } catch (error) {
      if (error instanceof RetriableError) return describeError(error)
      throw error
    }
  }
}

/** Rejects at once when the task is stopped. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal })
  } catch (error) {
    throw new ConnectError('elasticsearch.stopped', 'The task is stopped.', { cause: error })
  }
}
