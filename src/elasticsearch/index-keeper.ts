import { setTimeout } from 'node:timers/promises'
import { ConnectError, describeError, RetriableError } from '../api/errors.ts'
import type { SinkTaskContext } from '../api/sink-task.ts'
import { isTransientStatus } from './bulk-response.ts'
import type { Answer, ClientRequestOptions, ElasticsearchClient } from './client.ts'
import { describeFailure, failureChain, parseFailureAnswer } from './elasticsearch-error.ts'
import { backoffMs } from './backoff.ts'
import { OccasionalWarning } from './occasional-warning.ts'

export interface IndexKeeperOptions {
  readonly retryBackoffMs: number
  /** As for bulk requests; null: transient causes are waited out. */
  readonly maxRetries: number | null
}

type IndexKeeperContext = Pick<SinkTaskContext, 'log' | 'signal'>

/** Sees to it that indices exist, each once; requests that fail for a transient cause are tried again. */
export class IndexKeeper {
  readonly #client: ElasticsearchClient
  readonly #options: IndexKeeperOptions
  readonly #context: IndexKeeperContext
  readonly #random: () => number
  readonly #warning: OccasionalWarning
  readonly #mapped = new Set<string>()

  constructor(
    client: ElasticsearchClient,
    options: IndexKeeperOptions,
    { context, random }: { readonly context: IndexKeeperContext; readonly random: () => number },
  ) {
    this.#client = client
    this.#options = options
    this.#context = context
    this.#random = random
    this.#warning = new OccasionalWarning(
      context.log,
      'Elasticsearch does not answer about an index; trying again',
    )
  }

  /** Creates what is missing. Settings and mapping are left to the server and its templates. */
  async ensure(index: string, kind: 'index' | 'data stream' = 'index'): Promise<void> {
    if (await this.exists(index)) return
    const path = `${kind === 'index' ? '' : '/_data_stream'}/${encodeURIComponent(index)}`
    const answer = await this.#request(`create ${kind} ${index}`, { method: 'PUT', path })
    if (answer.status < 300) {
      this.#context.log.info({ index }, `Created the ${kind}`)
      return
    }
    const failure = parseFailureAnswer(answer.status, answer.bytes)
    // Another task was faster.
    if ([...failureChain(failure)].some(({ type }) => type === 'resource_already_exists_exception')) return
    throw new ConnectError(
      'elasticsearch.index-unusable',
      `Failed to create ${kind} ${index} due to '${describeFailure(failure)}' after 1 attempt(s)`,
    )
  }

  async exists(index: string): Promise<boolean> {
    const path = `/${encodeURIComponent(index)}`
    const { status } = await this.#request(`check if index ${index} exists`, { method: 'HEAD', path })
    if (status === 404) return false
    if (status < 300) return true
    throw new ConnectError(
      'elasticsearch.index-unusable',
      `Failed to check if index ${index} exists due to 'HEAD ${path} answered HTTP status ${status}'${adviceFor(status)}`,
    )
  }

  /** Puts a mapping unless the index has one. Asked once for each index. @param mapping makes it, on demand */
  async ensureMapping(index: string, mapping: () => object): Promise<void> {
    if (this.#mapped.has(index)) return
    const path = `/${encodeURIComponent(index)}/_mapping`
    const answer = await this.#request(`check the mapping of index ${index}`, { method: 'GET', path })
    if (answer.status !== 200 || !hasMapping(answer.bytes)) {
      const put = await this.#request(`create the mapping of index ${index}`, {
        method: 'PUT',
        path,
        body: Buffer.from(JSON.stringify(mapping())),
      })
      if (put.status >= 300) {
        const failure = describeFailure(parseFailureAnswer(put.status, put.bytes))
        throw new ConnectError(
          'elasticsearch.index-unusable',
          `Failed to create mapping for index ${index} due to '${failure}'`,
        )
      }
    }
    this.#mapped.add(index)
  }

  /** The index is gone: its mapping has to be made again too. */
  forget(index: string): void {
    this.#mapped.delete(index)
  }

  async #request(what: string, request: ClientRequestOptions): Promise<Answer> {
    for (let failures = 1; ; failures++) {
      const answer = await this.#attempt(request)
      if (typeof answer !== 'string') return answer
      const { maxRetries, retryBackoffMs } = this.#options
      if (maxRetries !== null && failures > maxRetries) {
        throw new ConnectError(
          'elasticsearch.retries-exhausted',
          `Failed to ${what} due to '${answer}' after ${failures} attempt(s)`,
        )
      }
      const waitMs = backoffMs(failures, retryBackoffMs, this.#random())
      this.#warning.warn(
        { request: what, failures, waitMs: Math.round(waitMs), reason: answer },
        performance.now(),
      )
      await pause(waitMs, this.#context.signal)
    }
  }

  /** The answer, or why it is to be asked for again. */
  async #attempt(request: ClientRequestOptions): Promise<Answer | string> {
    try {
      const answer = await this.#client.request(request)
      if (!isTransientStatus(answer.status) && answer.status < 500) return answer
      return describeFailure(parseFailureAnswer(answer.status, answer.bytes))
    } catch (error) {
      if (error instanceof RetriableError) return describeError(error)
      throw error
    }
  }
}

function adviceFor(status: number): string {
  if (status === 401) return '. Check connection.username and connection.password.'
  if (status === 403)
    return '. The user needs the privileges view_index_metadata, create_index and write on it.'
  return ''
}

function hasMapping(bytes: Buffer): boolean {
  const indices = JSON.parse(bytes.toString()) as Record<string, { mappings?: object }>
  return Object.values(indices).some(({ mappings }) => Object.keys(mappings ?? {}).length > 0)
}

/** Rejects at once when the task is stopped. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal })
  } catch (error) {
    throw new ConnectError('elasticsearch.stopped', 'The task is stopped.', { cause: error })
  }
}
