import { bufferPool } from '../../../api/buffer-pool.ts'
import { ConnectError, NotFoundError, RetriableError } from '../../../api/errors.ts'
import { RecordBatchReader } from '../../../api/record-batch.ts'
import { BatchEncoder, BatchSource } from './batch-encoder.ts'
import type { Cluster, KnownTopic } from '../connection/cluster.ts'
import { asConnectError, brokerError, brokerErrorName, isPassing } from '../kafka-error.ts'
import type { KafkaCompression } from '../kafka-log-description.ts'
import type { ProducedPartition } from './produce-request.ts'
import { fenced, isFencedAnswer } from './transactions.ts'

/** What senders of one log share. */
export interface SenderSurroundings {
  readonly cluster: Cluster
  readonly compression: KafkaCompression
  readonly deliveryTimeoutMs: number
  /** How long records wait for company when nothing is under way. */
  readonly lingerMs: number
  readonly maxRequestBytes: number
  readonly transactionalId: string | null
  readonly producerId: () => Promise<ProducerId>
  /** Null: a record that is too large fails what was sent with it. */
  readonly onRecordRefused: ((error: ConnectError) => void) | null
  /** One request to the partition's leader. */
  readonly transmit: (topic: KnownTopic, partition: number, records: Buffer) => Promise<ProducedPartition>
}

export interface ProducerId {
  readonly id: bigint
  readonly epoch: number
}

/** A batch that waits, or some of whose records are under way. */
interface Waiting {
  readonly source: BatchSource
  readonly bytes: number
  readonly done: PromiseWithResolvers<bigint>
  hasBegun: boolean
  baseOffset: bigint | null
}

/** One batch of Kafka's, under way. */
interface Chunk {
  readonly records: Buffer
  readonly endsAtMs: number
  /** What begins in it, with its place in it. */
  readonly begins: readonly { readonly waiting: Waiting; readonly delta: number }[]
  readonly ends: readonly Waiting[]
  outcome: 'waiting' | 'acknowledged' | 'failed'
  error: unknown
}

/** So many requests under way: the broker remembers the last five batches of a producer, to know a repetition. */
const MOST_UNDER_WAY = 3
const SEQUENCE_MASK = 0x7fffffff

/**
 * Appends to one partition as an idempotent producer: each batch carries a sequence number, so that what is sent again
 * because an answer was lost is stored once, and nothing overtakes. Batches that come while others are under way go
 * together.
 */
export class PartitionSender {
  readonly #surroundings: SenderSurroundings
  readonly #name: string
  readonly #partition: number
  readonly #chunkBytes: number
  readonly #messageBytes: number
  #linger: NodeJS.Timeout | null = null
  readonly #waiting: Waiting[] = []
  #underWay: Chunk[] = []
  #producer: ProducerId | null = null
  #sequence = 0
  /** Until the broker knows this producer it takes any sequence number, so the first batch goes alone. */
  #isKnown = false
  #isBusy = false

  constructor(
    surroundings: SenderSurroundings,
    topic: KnownTopic,
    place: { partition: number; chunkBytes: number; messageBytes: number },
  ) {
    this.#surroundings = surroundings
    this.#name = topic.name
    this.#partition = place.partition
    this.#chunkBytes = place.chunkBytes
    this.#messageBytes = place.messageBytes
  }

  /** The offset of its first record, once all of them are stored on all replicas in sync. */
  send(batch: Buffer): Promise<bigint> {
    const source = new BatchSource(new RecordBatchReader(batch))
    const done = Promise.withResolvers<bigint>()
    this.#waiting.push({ source, bytes: batch.length, done, hasBegun: false, baseOffset: null })
    const { lingerMs } = this.#surroundings
    if (lingerMs === 0 || this.#waitingBytes() >= this.#chunkBytes) this.#pump()
    else {
      this.#linger ??= setTimeout(() => {
        this.#linger = null
        this.#pump()
      }, lingerMs)
    }
    return done.promise
  }

  /** Fails all that waits or is under way. */
  fail(error: ConnectError): void {
    const failed = new Set([
      ...this.#underWay.flatMap(({ begins, ends }) => [...begins.map((b) => b.waiting), ...ends]),
      ...this.#waiting,
    ])
    for (const { done } of failed) done.reject(error)
    if (this.#linger !== null) clearTimeout(this.#linger)
    this.#linger = null
    this.#waiting.length = 0
    this.#underWay = []
    // What is under way may still be stored: under another producer id nothing that follows is taken for it.
    this.#producer = null
    this.#isKnown = false
    this.#sequence = 0
  }

  #pump(): void {
    if (this.#isBusy || this.#waiting.length === 0) return
    if (this.#producer === null) return this.#begin()
    while (this.#waiting.length > 0 && this.#underWay.length < (this.#isKnown ? MOST_UNDER_WAY : 1)) {
      const chunk = this.#encode(this.#producer)
      if (chunk === null) return
      this.#underWay.push(chunk)
      if (chunk.outcome === 'waiting') void this.#transmit(chunk)
    }
    if (this.#underWay[0]?.outcome === 'acknowledged') this.#settle()
  }

  #waitingBytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  #begin(): void {
    this.#isBusy = true
    this.#surroundings.producerId().then(
      (producer) => {
        this.#isBusy = false
        this.#producer = producer
        this.#pump()
      },
      (error: unknown) => {
        this.#isBusy = false
        this.fail(asConnectError(error, `append to topic ${this.#name}`))
      },
    )
  }

  /** Null: everything has failed over a record that is too large. */
  #encode({ id, epoch }: ProducerId): Chunk | null {
    const { compression, deliveryTimeoutMs, transactionalId } = this.#surroundings
    const encoder = new BatchEncoder(this.#chunkBytes, this.#waitingBytes())
    const begins: { waiting: Waiting; delta: number }[] = []
    const ends: Waiting[] = []
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting[0]!
      const delta = encoder.count
      const isDone = encoder.take(waiting.source)
      if (!waiting.hasBegun && encoder.count > delta) {
        begins.push({ waiting, delta })
        waiting.hasBegun = true
      }
      if (!isDone) break
      waiting.source.giveBack()
      ends.push(waiting)
      this.#waiting.shift()
    }
    const records = encoder.finish(compression, {
      producerId: id,
      producerEpoch: epoch,
      baseSequence: this.#sequence,
      isTransactional: transactionalId !== null,
    })
    const chunk: Chunk = {
      records,
      endsAtMs: Date.now() + deliveryTimeoutMs,
      begins,
      ends,
      outcome: 'waiting',
      error: null,
    }
    const refusal = this.#refusal(encoder, records)
    if (refusal !== null) return this.#leaveOut(chunk, refusal)
    this.#sequence = (this.#sequence + encoder.count) & SEQUENCE_MASK
    return chunk
  }

  /** Why a record that has a batch for itself is not sent at all, or null. */
  #refusal({ largeKey, recordsBytes }: BatchEncoder, records: Buffer): ConnectError | null {
    if (largeKey === null) return null
    const { maxRequestBytes } = this.#surroundings
    const isRequest = recordsBytes > maxRequestBytes
    if (!isRequest && records.length <= this.#messageBytes) return null
    const key = largeKey.length === 0 ? 'without key' : `with key ${largeKey.toString()}`
    const [bytes, limit, name] = isRequest
      ? [recordsBytes, maxRequestBytes, 'max.request.size (producer.override.max.request.size)']
      : [records.length, this.#messageBytes, "the topic's max.message.bytes"]
    return new ConnectError(
      'log.record-too-large',
      `Cannot append to topic ${this.#name}, partition ${this.#partition}: the record ${key} takes ${bytes} bytes, ` +
        `more than the ${limit} of ${name}`,
    )
  }

  /** The record counts as sent where that is wanted; what was sent with it goes its way. */
  #leaveOut(chunk: Chunk, error: ConnectError): Chunk | null {
    const { onRecordRefused } = this.#surroundings
    bufferPool.give(chunk.records.buffer)
    if (onRecordRefused === null) {
      for (const { done } of chunk.ends) done.reject(error)
      this.fail(error)
      return null
    }
    onRecordRefused(error)
    chunk.outcome = 'acknowledged'
    return chunk
  }

  async #transmit(chunk: Chunk): Promise<void> {
    const { cluster, transmit } = this.#surroundings
    try {
      const topic = cluster.knownTopic(this.#name) ?? (await cluster.topic(this.#name))
      if (topic === null) throw brokerError(UNKNOWN_TOPIC)
      const answer = await transmit(topic, this.#partition, chunk.records)
      if (answer.errorCode !== 0) throw brokerError(answer.errorCode, answer.errorMessage)
      if (this.#underWay.includes(chunk)) this.#acknowledge(chunk, answer.baseOffset)
    } catch (error) {
      chunk.outcome = 'failed'
      chunk.error = error
    }
    if (this.#underWay.includes(chunk)) this.#settle()
  }

  #acknowledge(chunk: Chunk, baseOffset: bigint): void {
    chunk.outcome = 'acknowledged'
    bufferPool.give(chunk.records.buffer)
    this.#isKnown = true
    for (const { waiting, delta } of chunk.begins) waiting.baseOffset = baseOffset + BigInt(delta)
  }

  /** Hands over what is stored, in order; repairs what failed once nothing else is under way. */
  #settle(): void {
    while (this.#underWay[0]?.outcome === 'acknowledged') {
      for (const { done, baseOffset } of this.#underWay.shift()!.ends) done.resolve(baseOffset ?? LEFT_OUT)
    }
    const failed = this.#underWay.find(({ outcome }) => outcome === 'failed')
    if (failed === undefined) return this.#pump()
    this.#isBusy = true
    if (this.#underWay.every(({ outcome }) => outcome !== 'waiting')) void this.#repair(this.#underWay[0]!)
  }

  /** Sends again all that is not stored, from the first one on, or gives all of it up. */
  async #repair(first: Chunk): Promise<void> {
    const { cluster } = this.#surroundings
    const isPast = Date.now() > first.endsAtMs || cluster.closing.aborted
    if (isPast || !isPassing(first.error)) {
      this.#isBusy = false
      return this.fail(this.#failure(first.error))
    }
    await cluster.pause(100)
    try {
      // The partition may have another leader, or be gone.
      const [topic] = await cluster.refresh([this.#name])
      if (topic === undefined || topic.leaders.length <= this.#partition) throw brokerError(UNKNOWN_TOPIC)
    } catch (error) {
      this.#isBusy = false
      return this.fail(error instanceof ConnectError ? error : this.#failure(error))
    }
    this.#isBusy = false
    const again = this.#underWay.filter(({ outcome }) => outcome !== 'acknowledged')
    for (const chunk of again) chunk.outcome = 'waiting'
    for (const chunk of again) void this.#transmit(chunk)
    if (again.length === 0) this.#pump()
  }

  #failure(error: unknown): ConnectError {
    const doing = `append to topic ${this.#name}, partition ${this.#partition}`
    if (brokerErrorName(error) === 'UNKNOWN_TOPIC_OR_PARTITION') {
      return new NotFoundError('log.topic-unknown', `Cannot ${doing}: there is no such partition`)
    }
    const { transactionalId } = this.#surroundings
    if (transactionalId !== null && isFencedAnswer(error)) return fenced(transactionalId, error)
    const mapped = asConnectError(error, doing)
    if (mapped.code === 'log.record-too-large' || mapped instanceof NotFoundError) return mapped
    return new RetriableError('log.write-failed', mapped.message, { cause: error })
  }
}

const UNKNOWN_TOPIC = 3
const LEFT_OUT = -1n
