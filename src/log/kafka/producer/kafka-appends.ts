import { NotFoundError } from '../../../api/errors.ts'
import { requireBatch } from '../../batch-check.ts'
import type { AppendRequest, AppendResult } from '../../log.ts'
import { AppendOrder, type AppendTurn } from './append-order.ts'
import type { KnownTopic } from '../connection/cluster.ts'
import type { KafkaProducer } from './kafka-producer.ts'
import { unknownPartition } from '../consumer/partition-reader.ts'
import { requireOffsets, type SourceOffsets } from '../source-offsets.ts'

/**
 * The appends of one log: records first, then the state that stands for them, each in the order of the calls and many
 * under way at once.
 */
export class KafkaAppends {
  readonly #producer: KafkaProducer
  readonly #offsets: SourceOffsets
  readonly #order = new AppendOrder()
  /** Appends get to the senders in the order of the calls, also where one has to look for its topic first. */
  #admission: Promise<unknown> = Promise.resolve()

  constructor(producer: KafkaProducer, offsets: SourceOffsets) {
    this.#producer = producer
    this.#offsets = offsets
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    for (const { topic, batch } of request.batches) requireBatch(batch, topic)
    for (const { space } of request.state ?? []) requireOffsets(space)
    const turn = this.#order.enter(request)
    try {
      const { transactions } = this.#producer
      const work = (): Promise<AppendResult> => this.#append(request, turn)
      const result = await (transactions === null ? work() : transactions.run(work))
      await this.#offsets.writeFallback(request.state ?? [])
      turn.end(null)
      return result
    } catch (error) {
      turn.end(error)
      throw error
    }
  }

  async #append({ batches, state = [] }: AppendRequest, turn: AppendTurn): Promise<AppendResult> {
    const admitted = this.#admission.then(async () => {
      const topics: KnownTopic[] = []
      for (const { topic, partition } of batches) topics.push(await this.#topicFor(topic, partition))
      turn.check()
      // Not awaited here: the next append is admitted while these are under way.
      return {
        sent: batches.map(({ partition, batch }, i) => this.#producer.send(topics[i]!, partition, batch)),
      }
    })
    this.#admission = admitted.catch(() => undefined)
    const { sent } = await admitted
    const outcomes = await Promise.allSettled(sent)
    const baseOffsets = outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    })
    if (state.length > 0) {
      await turn.stateTurn()
      await this.#offsets.write(state)
    }
    return { baseOffsets }
  }

  async #topicFor(name: string, partition: number): Promise<KnownTopic> {
    let topic = this.#producer.cluster.knownTopic(name)
    if (topic === undefined || partition >= topic.leaders.length)
      [topic] = await this.#producer.cluster.refresh([name])
    if (topic === undefined)
      throw new NotFoundError('log.topic-unknown', `There is no topic ${name} to append to`)
    if (partition >= topic.leaders.length) throw unknownPartition(name, partition)
    if (!this.#producer.isPrepared(topic)) await this.#producer.prepare(topic)
    return topic
  }
}
