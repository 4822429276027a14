import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import { recordCount } from '../../api/record-batch.ts'
import type { AppendRequest, AppendResult, Log, PartitionBatch, TopicDescription } from '../../log/log.ts'

/** A topic as it was when this run of the task first looked for it. */
interface FoundTopic {
  readonly id: string
  /** The offset of each partition behind which nothing of this topic is written any more. */
  readonly ends: bigint[]
}

export interface WrittenTopicsOptions {
  readonly connector: string
  /** Of the topics that it has written to, as far as they are known. */
  readonly ids: ReadonlyMap<string, string>
  readonly pause?: (ms: number) => Promise<unknown>
}

const MOST_LOOKS = 4
const BETWEEN_LOOKS_MS = 500

/**
 * The log as a source task writes to it, which sees to it that a topic stays the one that it was. Where a topic was
 * deleted, records are gone that the source has done with and that nobody may have read; going on in a new one of its
 * name would hide that. Noticed by the topic's id, which is kept with the connector's topics, and, where it is made
 * anew under way, by offsets that begin again.
 */
export class WrittenTopics implements Pick<Log, 'append' | 'describeTopic' | 'createTopic'> {
  readonly #log: Log
  readonly #connector: string
  readonly #ids: ReadonlyMap<string, string>
  readonly #found = new Map<string, FoundTopic>()
  readonly #pause: (ms: number) => Promise<unknown>
  #goesOn = false

  constructor(log: Log, { connector, ids, pause = delay }: WrittenTopicsOptions) {
    this.#log = log
    this.#connector = connector
    this.#ids = ids
    this.#pause = pause
  }

  /** The source has a position: what it wrote before must still be there. Otherwise it reads everything again. */
  goesOn(): void {
    this.#goesOn = true
  }

  /** Null: it was not looked for. */
  idOf(topic: string): string | null {
    return this.#found.get(topic)?.id ?? null
  }

  createTopic(...topic: Parameters<Log['createTopic']>): ReturnType<Log['createTopic']> {
    return this.#log.createTopic(...topic)
  }

  /** Throws `connect.topic-vanished`. */
  async describeTopic(name: string): Promise<TopicDescription | null> {
    const id = this.#goesOn ? this.#ids.get(name) : undefined
    const topic = await (id === undefined ? this.#log.describeTopic(name) : this.#lookFor(name, id))
    if (topic !== null) {
      this.#found.set(name, { id: topic.id, ends: topic.partitions.map(({ endOffset }) => endOffset) })
    }
    return topic
  }

  /** Throws `connect.topic-vanished`, also where the records were written, to another topic of that name. */
  async append(request: AppendRequest): Promise<AppendResult> {
    // The log has the buffers for itself from then on.
    const counts = request.batches.map(({ batch }) => recordCount(batch))
    let result
    try {
      result = await this.#log.append(request)
    } catch (error) {
      if (isUnknownTopic(error)) for (const { topic } of request.batches) await this.#lookForFound(topic)
      throw error
    }
    for (const [i, batch] of request.batches.entries()) {
      if (this.#isFurther(batch, result.baseOffsets[i], counts[i]!)) continue
      await this.#lookForFound(batch.topic)
    }
    return result
  }

  /** Whether records were written behind all that were written before. */
  #isFurther({ topic, partition }: PartitionBatch, baseOffset: bigint | undefined, count: number): boolean {
    const ends = this.#found.get(topic)?.ends
    // Records that are too large can be left out.
    if (ends === undefined || baseOffset === undefined || baseOffset < 0n) return true
    if (baseOffset < (ends[partition] ?? 0n)) return false
    ends[partition] = baseOffset + BigInt(count)
    return true
  }

  /** Throws for a topic that is not the one that was found. A leader that loses what it did not replicate leaves it that. */
  async #lookForFound(name: string): Promise<void> {
    const found = this.#found.get(name)
    if (found !== undefined) await this.#lookFor(name, found.id)
  }

  /** Not at once: a broker that has just begun, or is behind, may not know yet what there is. */
  async #lookFor(name: string, id: string): Promise<TopicDescription> {
    for (let looks = 1; ; looks++) {
      const topic = await this.#log.describeTopic(name)
      if (topic?.id === id) return topic
      if (looks === MOST_LOOKS) throw this.#vanished(name, topic !== null)
      await this.#pause(BETWEEN_LOOKS_MS)
    }
  }

  #vanished(topic: string, isAgain: boolean): ConnectError {
    const place = `/connectors/${encodeURIComponent(this.#connector)}`
    return new ConnectError(
      'connect.topic-vanished',
      `Topic ${topic} was deleted${isAgain ? ' and made again' : ''} after connector ${this.#connector} had written to it: ` +
        'what nobody had read of it is lost. To have all of it again, stop the connector, DELETE ' +
        `${place}/offsets (of PostgreSQL: drop its slot, too) and resume it. To go on without it, PUT ${place}/topics/reset ` +
        'and restart the task; an execute-snapshot signal then reads the tables of that topic again',
    )
  }
}

function isUnknownTopic(error: unknown): boolean {
  return error instanceof ConnectError && error.code === 'log.topic-unknown'
}
