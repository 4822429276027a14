import { ConnectError, describeError, RetriableError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { TaskTracing } from '../../api/tracing.ts'
import type { Answer, ElasticsearchClient } from '../client/client.ts'
import { BulkBody } from './bulk-body.ts'
import { BodyPool } from './body-pool.ts'
import { BulkTraces } from './bulk-traces.ts'
import type { ItemVerdict } from './bulk-response.ts'
import { BulkRetries, type BulkRetriesOptions } from './bulk-retries.ts'
import { DocumentOrder } from './document-order.ts'
import { remainingItems, type RefusedItem } from './item-outcomes.ts'
import { judgeAnswer, type RetryCause } from './request-outcome.ts'

export interface BulkWriterOptions extends BulkRetriesOptions {
  /** Items a request, at most. */
  readonly batchSize: number
  /** A request is closed once it has this many bytes. */
  readonly bulkBytes: number
  readonly maxInFlight: number
  readonly maxBufferedRecords: number
  readonly maxBufferedBytes: number
  /** The ingest pipeline that documents go through. */
  readonly pipeline: string | null
}

export interface BulkWriterEvents {
  readonly log: TaskLogger
  readonly random: () => number
  /** Null or absent: nobody looks at traces. */
  readonly tracing?: TaskTracing | null | undefined
  readonly refused: RefusedItem
  /** Makes the index that is missing. @param item the lines of an item that found none */
  indexMissing(item: Buffer): Promise<void>
  /** Elasticsearch has answered for all items of a request. @param oldestMs when the oldest of them was written */
  stored(oldestMs: number): void
  /** Requests are tried again for this reason; null: none is any more. */
  waiting(reason: string | null): void
  /** A request is sent again later. @param cause one of few, for metrics */
  retried(cause: string): void
  /** Everything that was added is done. */
  drained(): void
  failed(error: unknown): void
}

// Requests that are sent although they are not full: one more than needed to never idle, so that a lone record does
// not wait for the answer before it, and bodies grow as soon as the server falls behind.
const EAGER_REQUESTS = 2
const DONE: ItemVerdict = { kind: 'done' }
// Only status and error of an item matter: the answer for 2,000 items is 50 kB so, 400 kB otherwise.
const BULK_PATH = '/_bulk?filter_path=errors,items.*.status,items.*.error'

/**
 * Sends bulk bodies: at once when idle, growing while requests are under way. Keeps every item until it is done, and
 * the order of items that name the same document.
 */
export class BulkWriter {
  /** The body that is being filled. Call `added` after each item, `flush` when there are no more for now. */
  open = new BulkBody()
  readonly #client: ElasticsearchClient
  readonly #options: BulkWriterOptions
  readonly #events: BulkWriterEvents
  readonly #retries: BulkRetries
  #ready: BulkBody[] = []
  readonly #unfinished = new Set<BulkBody>()
  readonly #order = new DocumentOrder()
  readonly #pool: BodyPool
  readonly #path: string
  readonly #traces: BulkTraces | null
  /** Bodies whose whole request failed last: while there are any, only these are tried. */
  readonly #stalled = new Set<BulkBody>()
  #inFlight = 0
  #fromMs = Infinity
  #waitsFor: string | null = null
  #sealedItems = 0
  #sealedBytes = 0
  #waiters: (() => void)[] = []
  #error: { readonly error: unknown } | null = null
  #isClosed = false

  constructor(client: ElasticsearchClient, options: BulkWriterOptions, events: BulkWriterEvents) {
    this.#client = client
    this.#options = options
    this.#events = events
    const { pipeline } = options
    this.#path = pipeline === null ? BULK_PATH : `${BULK_PATH}&pipeline=${encodeURIComponent(pipeline)}`
    this.#pool = new BodyPool(options.maxInFlight + 1)
    this.#traces = events.tracing == null ? null : new BulkTraces(events.tracing)
    this.#retries = new BulkRetries(options, {
      log: events.log,
      random: events.random,
      retried: (cause) => events.retried(cause),
    })
  }

  /** Items that are not done yet. */
  get pendingCount(): number {
    return this.#sealedItems + this.open.count
  }

  /** Whether to wait for `room` before adding more. */
  get isFull(): boolean {
    return (
      this.pendingCount >= this.#options.maxBufferedRecords ||
      this.#sealedBytes >= this.#options.maxBufferedBytes
    )
  }

  /** Throws the error that stopped the writer, if one did. */
  check(): void {
    if (this.#error !== null) throw this.#error.error
  }

  /** Says when the records were written whose items come now. */
  from(timestampMs: number): void {
    this.#fromMs = timestampMs
    const { open } = this
    open.oldestMs = open.count === 0 ? timestampMs : Math.min(open.oldestMs, timestampMs)
    this.#traces?.from(open)
  }

  /**
   * Says that the item about to be written into `open` is about this document, whose items must be written in order.
   * The name holds its index too.
   */
  order(documentName: string): void {
    this.#order.claim(documentName, this.open)
  }

  /** Whether an item of this document is not done yet. */
  isPending(documentName: string): boolean {
    return this.#order.isHeld(documentName)
  }

  /** Closes the body when it is full. */
  added(): void {
    const { open } = this
    if (open.count >= this.#options.batchSize || open.out.position >= this.#options.bulkBytes) {
      this.#seal()
      this.#dispatch()
    }
  }

  /** Sends what there is unless enough is under way already. */
  flush(): void {
    const canBeSent = this.#stalled.size === 0 && this.open.waitsFor.size === 0 && this.#ready.length === 0
    if (canBeSent && this.#inFlight < EAGER_REQUESTS) this.#sealAndDispatch()
  }

  /** Resolves when there is room again. Rejects when the writer has failed. */
  async room(): Promise<void> {
    // What is under way makes room; to close the open body for it would only make small requests.
    if (this.#unfinished.size === 0) this.#sealAndDispatch()
    while (this.isFull) await this.#change()
    this.check()
  }

  /** Resolves when `isDone` holds, everything having been sent, or the signal is aborted. Rejects on failure. */
  async settle(isDone: () => boolean, signal: AbortSignal): Promise<void> {
    this.#sealAndDispatch()
    const wake = () => this.#wake()
    signal.addEventListener('abort', wake, { once: true })
    while (!isDone() && !signal.aborted && this.#error === null && !this.#isClosed) await this.#change()
    signal.removeEventListener('abort', wake)
    this.check()
  }

  /** Drops everything. The client is not closed. */
  close(): void {
    this.#isClosed = true
    this.#retries.close()
    this.#wake()
  }

  #change(): Promise<void> {
    if (this.#error !== null) return Promise.reject(this.#error.error)
    if (this.#isClosed)
      return Promise.reject(new ConnectError('elasticsearch.stopped', 'The task is stopped.'))
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  #wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }

  #sealAndDispatch(): void {
    if (this.open.count > 0) this.#seal()
    this.#dispatch()
  }

  #seal(): void {
    const body = this.open
    this.open = this.#pool.take()
    this.open.oldestMs = this.#fromMs
    this.#traces?.from(this.open)
    body.requestCount = body.count
    this.#unfinished.add(body)
    this.#sealedItems += body.count
    this.#sealedBytes += body.out.position
    this.#ready.push(body)
  }

  #dispatch(): void {
    if (this.#error !== null || this.#isClosed) return
    for (let i = 0; i < this.#ready.length && this.#inFlight < this.#options.maxInFlight;) {
      const body = this.#ready[i]!
      if (body.waitsFor.size > 0 || (this.#stalled.size > 0 && !this.#stalled.has(body))) {
        i++
        continue
      }
      this.#ready.splice(i, 1)
      if (!this.#dropRevoked(body)) continue
      this.#inFlight++
      void this.#send(body)
    }
  }

  /** Another task writes these partitions now. False: nothing is left to send. */
  #dropRevoked(body: BulkBody): boolean {
    if (!body.hasRevoked) return true
    const items = Array.from({ length: body.count }, (_, item) => item)
    const kept = items.filter((item) => !body.progressOf(item).isRevoked)
    if (kept.length > 0) this.#keepItems(body, kept, new Map())
    else {
      this.#finish(body)
      this.#wake()
    }
    return kept.length > 0
  }

  async #send(body: BulkBody): Promise<void> {
    const startMs = this.#traces?.nowMs() ?? 0
    try {
      const answer = await this.#request(body)
      this.#inFlight--
      this.#traces?.answered(body, answer, startMs)
      if ('cause' in answer) this.#retryWhole(body, answer)
      else await this.#judge(body, answer)
    } catch (error) {
      this.#fail(error)
    }
    this.#settleDown()
  }

  /** The answer, or why there is none. */
  async #request(body: BulkBody): Promise<Answer | RetryCause> {
    try {
      return await this.#client.request({
        method: 'POST',
        path: this.#path,
        body: body.requestBytes(),
        contentType: 'application/x-ndjson',
        readTimeoutMs: this.#retries.readTimeoutMs(body),
      })
    } catch (error) {
      if (error instanceof RetriableError) return { cause: 'connection', reason: describeError(error) }
      throw error
    }
  }

  async #judge(body: BulkBody, answer: Answer): Promise<void> {
    const outcome = judgeAnswer(answer, body.requestCount)
    switch (outcome.kind) {
      case 'done':
        if (body.requestCount < body.count) {
          return this.#settleItems(
            body,
            Array.from({ length: body.requestCount }, () => DONE),
          )
        }
        body.allDone()
        this.#events.stored(body.oldestMs)
        return this.#finish(body)
      case 'items':
        return this.#settleItems(body, outcome.verdicts)
      case 'retry':
        return this.#retryWhole(body, outcome)
      case 'split':
        this.#stalled.delete(body)
        body.requestCount = Math.ceil(body.requestCount / 2)
        this.#ready.unshift(body)
        return
      case 'refused':
        throw new ConnectError(
          'elasticsearch.request-refused',
          `Elasticsearch refused a bulk request with ${outcome.reason}`,
        )
    }
  }

  async #settleItems(body: BulkBody, verdicts: readonly ItemVerdict[]): Promise<void> {
    this.#stalled.delete(body)
    const remaining = await remainingItems(body, verdicts, this.#events.refused)
    const { kept, missing, replacements, retry } = remaining
    if (kept.length === 0) {
      this.#events.stored(body.oldestMs)
      return this.#finish(body)
    }
    for (const item of missing) await this.#events.indexMissing(body.itemBytes(item))
    this.#keepItems(body, kept, replacements)
    if (retry === null) {
      body.failures = 0
      this.#ready.unshift(body)
    } else this.#retryLater(body, retry)
  }

  #keepItems(body: BulkBody, items: readonly number[], replacements: ReadonlyMap<number, Buffer>): void {
    this.#sealedItems -= body.count - items.length
    this.#sealedBytes -= body.out.position
    this.#order.release(body)
    body.keepItems(items, replacements)
    this.#order.hold(body)
    this.#sealedBytes += body.out.position
  }

  #retryWhole(body: BulkBody, why: RetryCause): void {
    this.#stalled.add(body)
    this.#retryLater(body, why)
  }

  #retryLater(body: BulkBody, why: RetryCause): void {
    this.#wait(why.reason)
    this.#retries.later(body, why, () => {
      this.#ready.unshift(body)
      this.#dispatch()
    })
  }

  #wait(reason: string | null): void {
    if (reason === this.#waitsFor) return
    this.#waitsFor = reason
    this.#events.waiting(reason)
  }

  #finish(body: BulkBody): void {
    this.#stalled.delete(body)
    this.#unfinished.delete(body)
    this.#sealedItems -= body.count
    this.#sealedBytes -= body.out.position
    this.#order.release(body)
    for (const other of this.#unfinished) other.waitsFor.delete(body)
    this.open.waitsFor.delete(body)
    this.#pool.give(body)
  }

  #fail(error: unknown): void {
    if (this.#error !== null || this.#isClosed) return
    this.#error = { error }
    this.#events.failed(error)
  }

  /** After anything changed: send what may be sent now, and tell who waits. */
  #settleDown(): void {
    this.#dispatch()
    this.flush()
    if (this.#waitsFor !== null && ![...this.#unfinished].some(({ failures }) => failures > 0))
      this.#wait(null)
    if (this.pendingCount === 0 && this.#error === null) {
      this.#pool.shrink()
      this.#events.drained()
    }
    this.#wake()
  }
}
