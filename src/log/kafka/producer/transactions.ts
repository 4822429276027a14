import { addPartitionsToTxnV3, endTxnV3, initProducerIdV4, type Connection } from '@platformatic/kafka'
import { ConflictError, ConnectError } from '../../../api/errors.ts'
import { call, type Cluster } from '../connection/cluster.ts'
import { brokerError, brokerErrorName } from '../kafka-error.ts'
import type { ProducerId } from './partition-sender.ts'

const TRANSACTION_TIMEOUT_MS = 60_000
const COMPLETION_PAUSE_MS = 4
const MOST_LOOKS = 50
const NO_PRODUCER: ProducerId = { id: -1n, epoch: -1 }

/**
 * The transactions of one producer, one after the other. What is sent in one of them is seen by consumers that read
 * committed records when it has ended well, all of it, or never. Whoever begins with the same transactional id later
 * ends what this one has open, and fences it: nothing that it sends counts any more.
 */
export class Transactions {
  readonly transactionalId: string
  readonly #cluster: Cluster
  /** Resolves when nothing is on its way to a broker any more. Sequence numbers begin anew. */
  readonly #onFailure: () => Promise<void>
  #producer: ProducerId = NO_PRODUCER
  #ready: Promise<ProducerId> | null = null
  #included = new Map<string, Promise<void>>()
  #toInclude: { readonly topic: string; readonly partition: number }[] = []
  #including: Promise<void> | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(cluster: Cluster, transactionalId: string, onFailure: () => Promise<void>) {
    this.#cluster = cluster
    this.transactionalId = transactionalId
    this.#onFailure = onFailure
  }

  /** Fences those before; from then on nobody but this one adds to what they have committed. */
  ready(): Promise<ProducerId> {
    this.#ready ??= this.#begin().catch((error: unknown) => {
      this.#ready = null
      throw error
    })
    return this.#ready
  }

  /** Runs `work`, which sends, in a transaction. Throws `log.producer-fenced`. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#run(work))
    this.#last = result.catch(() => undefined)
    return result
  }

  /** Before anything is sent to a partition in this transaction. */
  include(topic: string, partition: number): Promise<void> {
    const key = `${topic}/${partition}`
    let included = this.#included.get(key)
    if (included === undefined) {
      this.#toInclude.push({ topic, partition })
      // Those of one turn go together.
      this.#including ??= Promise.resolve().then(() => this.#include())
      this.#included.set(key, (included = this.#including))
      included.catch(() => undefined)
    }
    return included
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    await this.ready()
    try {
      const result = await work()
      await this.#end(true)
      return result
    } catch (error) {
      await this.#abort(error)
      throw error
    } finally {
      this.#included = new Map()
    }
  }

  async #include(): Promise<void> {
    const topics = [...Map.groupBy(this.#toInclude, ({ topic }) => topic)].map(([name, places]) => ({
      name,
      partitions: places.map(({ partition }) => partition),
    }))
    this.#toInclude = []
    this.#including = null
    const { id, epoch } = await this.ready()
    await this.#asking('add partitions to', async (connection) => {
      const answer = await call(addPartitionsToTxnV3.api, connection, [
        {
          transactionalId: this.transactionalId,
          producerId: id,
          producerEpoch: epoch,
          verifyOnly: false,
          topics,
        },
      ])
      const failed = answer.resultsByTransaction
        .flatMap(({ topicResults }) => topicResults)
        .flatMap(({ resultsByPartition }) => resultsByPartition)
        .map(({ partitionErrorCode }) => partitionErrorCode)
        .find((code) => code !== 0 && code !== OPERATION_NOT_ATTEMPTED)
      if (failed !== undefined) throw brokerError(failed)
    })
  }

  async #end(isCommit: boolean): Promise<void> {
    // A transaction without partitions was never begun.
    if (this.#included.size === 0) return
    const { id, epoch } = this.#producer
    await this.#asking(isCommit ? 'commit' : 'abort', async (connection) => {
      const { errorCode } = await call(endTxnV3.api, connection, this.transactionalId, id, epoch, isCommit)
      if (errorCode !== 0) throw brokerError(errorCode)
    })
  }

  /** Nothing may arrive at a broker after the end: it would open a transaction that nobody ends. */
  async #abort(error: unknown): Promise<void> {
    this.#ready = null
    await this.#onFailure()
    if (isFenced(error) || this.#cluster.closing.aborted) return
    try {
      await this.#end(false)
      await this.ready()
    } catch {
      // The next transaction asks again; until then the cluster's own timeout is at work.
    }
  }

  async #begin(): Promise<ProducerId> {
    const { id, epoch } = this.#producer
    const producer = await this.#asking('begin', async (connection) => {
      const answer = await call(
        initProducerIdV4.api,
        connection,
        this.transactionalId,
        this.#cluster.description.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS,
        id,
        epoch,
      )
      if (answer.errorCode !== 0) throw brokerError(answer.errorCode)
      return { id: answer.producerId, epoch: answer.producerEpoch }
    })
    return (this.#producer = producer)
  }

  /** Calls the coordinator of the transactions again and again, and finds out whether it has moved. */
  #asking<T>(what: string, attempt: (connection: Connection) => Promise<T>): Promise<T> {
    const id = this.transactionalId
    const doing = `${what} the transaction of ${id}`
    return this.#cluster.retrying(doing, async () => {
      for (let left = MOST_LOOKS; ; left--) {
        try {
          return await attempt(await this.#cluster.coordinator(id, undefined, 'transaction'))
        } catch (error) {
          if (isFencedAnswer(error)) throw fenced(id, error)
          // The last transaction is being completed, which is a matter of milliseconds.
          const isCompleting = brokerErrorName(error) === 'CONCURRENT_TRANSACTIONS'
          if (!isCompleting) this.#cluster.forgetCoordinator(id, 'transaction')
          if (!isCompleting || left === 0) throw error
          await this.#cluster.pause(COMPLETION_PAUSE_MS)
        }
      }
    })
  }
}

/** Ends what producers of these transactional ids have open, and keeps them from sending more. */
export async function fenceProducers(cluster: Cluster, transactionalIds: readonly string[]): Promise<void> {
  await Promise.all(
    transactionalIds.map((id) => new Transactions(cluster, id, async () => undefined).ready()),
  )
}

/** A broker says that a later producer has taken over. */
export function isFencedAnswer(error: unknown): boolean {
  const name = brokerErrorName(error)
  return name === 'INVALID_PRODUCER_EPOCH' || name === 'PRODUCER_FENCED'
}

export function fenced(transactionalId: string, cause?: unknown): ConflictError {
  return new ConflictError(
    'log.producer-fenced',
    `Another producer of transactional id ${transactionalId} has begun, or a transaction lasted too long: nothing more is ` +
      'written by this one. If no other worker runs the task, restart it',
    { cause },
  )
}

function isFenced(error: unknown): boolean {
  return error instanceof ConnectError && error.code === 'log.producer-fenced'
}

const OPERATION_NOT_ATTEMPTED = 55
