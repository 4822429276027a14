import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import { bufferPool } from '../../api/buffer-pool.ts'
import {
  DEFAULT_PARTITIONS,
  type AppendRequest,
  type AppendResult,
  type Consumer,
  type ConsumerOptions,
  type Log,
  type NewTopic,
  type StateEntry,
  type TopicDescription,
} from '../log.ts'
import { overrideNames, type TaskClient, type TaskLog } from '../task-log.ts'
import { requireBatch } from '../batch-check.ts'
import { EmbeddedConsumer } from './consumer.ts'
import type { OwnerConnection } from './owner-connection.ts'
import { PartitionCursor } from './partition-cursor.ts'
import type { TopicState } from './protocol.ts'
import { ReadSpace } from './read-space.ts'
import { WatchList } from './watch-list.ts'

/** One thread's client of the embedded log. What is written goes to the owner thread; files are read here. */
export class LogClient implements Log {
  readonly #owner: OwnerConnection
  readonly #dataDir: string
  readonly #watches: WatchList
  readonly #consumers = new Set<EmbeddedConsumer>()
  readonly #afterClose: (() => Promise<void>) | null
  #closing: Promise<void> | null = null

  /** @param afterClose the rest of `close`, once this client has let go */
  constructor(owner: OwnerConnection, dataDir: string, afterClose: (() => Promise<void>) | null = null) {
    this.#owner = owner
    this.#dataDir = dataDir
    this.#watches = new WatchList(owner)
    this.#afterClose = afterClose
  }

  createTopic(topic: NewTopic): Promise<'created' | 'exists'> {
    const { isAutomatic: _, ...wanted } = topic
    const partitions = topic.partitions === DEFAULT_PARTITIONS ? 1 : topic.partitions
    return this.#owner.call('create-topic', { ...wanted, partitions })
  }

  deleteTopic(name: string): Promise<boolean> {
    return this.#owner.call('delete-topic', name)
  }

  async listTopics(): Promise<readonly TopicDescription[]> {
    const topics = await this.#owner.call('topics', null)
    return topics.map(describe)
  }

  async describeTopic(name: string): Promise<TopicDescription | null> {
    const [topic] = await this.#owner.call('topics', name)
    return topic === undefined ? null : describe(topic)
  }

  async append({ batches, state = [] }: AppendRequest): Promise<AppendResult> {
    const memory: ArrayBuffer[] = []
    const sent = batches.map(({ topic, partition, batch }) => {
      requireBatch(batch, topic)
      const bytes = ownMemory(batch, memory)
      memory.push(bytes)
      return { topic, partition, batch: new Uint8Array(bytes, 0, batch.length) }
    })
    const { failuresHeard } = this.#owner
    const answer = await this.#owner.call('append', { batches: sent, state, failuresHeard }, memory)
    return { baseOffsets: answer.baseOffsets }
  }

  async read(from: TopicPartitionOffset, maxBytes: number): Promise<readonly Buffer[]> {
    const { topic, partition } = from
    const cursor = new PartitionCursor({ topic, topicId: null, partition }, this.#dataDir, from)
    const batches: Buffer[] = []
    try {
      let bytes = 0
      do {
        if (!(await cursor.locate(this.#owner))) break
        // Every piece has a buffer of its own: these batches are the caller's for good.
        for (const { batch } of cursor.read(new ReadSpace(), maxBytes - bytes)) {
          batches.push(batch)
          bytes += batch.length
        }
      } while (bytes < maxBytes)
      return batches
    } catch (error) {
      // What lies before a damaged batch is served; whoever reads on from there meets the error.
      if (batches.length > 0) return batches
      throw error
    } finally {
      cursor.close()
    }
  }

  /** One process, one commit: tasks need nothing of their own. */
  async openTaskLog(client: TaskClient): Promise<TaskLog> {
    return { log: this, ignored: overrideNames(client), begin: null, close: async () => undefined }
  }

  async fenceProducers(): Promise<void> {}

  async openConsumer(options: ConsumerOptions): Promise<Consumer> {
    if (this.#owner.ended !== null) throw this.#owner.ended
    const consumer = new EmbeddedConsumer(options, {
      owner: this.#owner,
      watches: this.#watches,
      dataDir: this.#dataDir,
      closed: () => this.#consumers.delete(consumer),
    })
    this.#consumers.add(consumer)
    return consumer
  }

  groupOffsets(group: string): Promise<readonly TopicPartitionOffset[]> {
    return this.#owner.call('group-offsets', group)
  }

  async commitGroupOffsets(group: string, offsets: readonly TopicPartitionOffset[]): Promise<void> {
    await this.#owner.call('commit-offsets', { group, offsets })
  }

  deleteGroup(group: string): Promise<boolean> {
    return this.#owner.call('delete-group', group)
  }

  readState(space: string): Promise<ReadonlyMap<string, string>> {
    return this.#owner.call('read-state', space)
  }

  async writeState(entries: readonly StateEntry[]): Promise<void> {
    await this.#owner.call('write-state', entries)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()))
    await this.#owner.close()
    await this.#afterClose?.()
  }
}

function describe({ id, name, config, partitions }: TopicState): TopicDescription {
  return { name, id: String(id), config, partitions }
}

/**
 * The memory of a batch, to be transferred. A batch that shares its memory with something else is copied: what it
 * shares with would be lost. Only what the pool lent is known to hold nothing else.
 */
function ownMemory(batch: Buffer, taken: readonly ArrayBuffer[]): ArrayBuffer {
  const memory = batch.buffer as ArrayBuffer
  if (batch.byteOffset === 0 && bufferPool.lent(memory) && !taken.includes(memory)) return memory
  const copy = bufferPool.take(batch.length)
  batch.copy(copy)
  return copy.buffer as ArrayBuffer
}
