import { NotFoundError } from '../../api/errors.ts'
import type { TopicPartition, TopicPartitionOffset } from '../../api/sink-task.ts'
import type { ConsumedBatch, Consumer, ConsumerOptions } from '../log.ts'
import { assignedPartitions, type AssignablePartition } from './assignment.ts'
import type { LogListener, OwnerConnection } from './owner-connection.ts'
import { PartitionCursor } from './partition-cursor.ts'
import type { PartitionTail } from './protocol.ts'
import { ReadSpace } from './read-space.ts'
import { partitionKey, type WatchList } from './watch-list.ts'

export interface ConsumerSurroundings {
  readonly owner: OwnerConnection
  readonly watches: WatchList
  readonly dataDir: string
  /** The consumer was closed. */
  closed(): void
}

/**
 * A member of a group. The owner thread tells it where partitions end now; `poll` waits for such a notice, never for a
 * clock. Assignments change inside of `poll` only, so the callbacks never overlap with the caller's work on records.
 */
export class EmbeddedConsumer implements Consumer, LogListener {
  readonly #options: ConsumerOptions
  readonly #surroundings: ConsumerSurroundings
  readonly #cursors = new Map<string, PartitionCursor>()
  readonly #space = new ReadSpace()
  #topicsChanged = true
  #turn = 0
  #wake: (() => void) | null = null
  #isClosed = false

  constructor(options: ConsumerOptions, surroundings: ConsumerSurroundings) {
    this.#options = options
    this.#surroundings = surroundings
    surroundings.owner.listen(this)
  }

  async poll(maxBytes: number, signal: AbortSignal): Promise<readonly ConsumedBatch[]> {
    const wake = (): void => this.#wake?.()
    signal.addEventListener('abort', wake)
    try {
      for (;;) {
        if (this.#surroundings.owner.ended !== null) throw this.#surroundings.owner.ended
        if (signal.aborted || this.#isClosed) return []
        if (this.#topicsChanged && (await this.#assign())) return []
        const batches = await this.#collect(maxBytes)
        if (batches.length > 0) return batches
        await this.#news(signal)
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const cursor of this.#find(partitions)) cursor.isPaused = true
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const cursor of this.#find(partitions)) cursor.isPaused = false
    this.#wake?.()
  }

  seek(position: TopicPartitionOffset): void {
    for (const cursor of this.#find([position])) cursor.seek(position.offset)
    this.#wake?.()
  }

  async commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    const known = offsets.flatMap((offset) => {
      const topicId = this.#find([offset])[0]?.target.topicId
      return topicId === undefined || topicId === null ? [] : [{ ...offset, topicId }]
    })
    await this.#surroundings.owner.call('commit-offsets', { group: this.#options.group, offsets: known })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#wake?.()
    const { owner, watches } = this.#surroundings
    owner.unlisten(this)
    this.#surroundings.closed()
    for (const cursor of this.#cursors.values()) cursor.close()
    this.#cursors.clear()
    if (owner.ended === null) await watches.set(this, [])
  }

  grown(tails: readonly PartitionTail[]): void {
    let isNews = false
    for (const tail of tails) {
      const cursor = this.#cursors.get(partitionKey(tail))
      if (cursor === undefined) continue
      cursor.grow(tail)
      isNews = true
    }
    if (isNews) this.#wake?.()
  }

  topicsChanged(): void {
    this.#topicsChanged = true
    this.#wake?.()
  }

  ended(): void {
    this.#wake?.()
  }

  /** Batches of the partitions that have some, each poll beginning with another one. */
  async #collect(maxBytes: number): Promise<ConsumedBatch[]> {
    const { owner } = this.#surroundings
    this.#space.reset()
    const batches: ConsumedBatch[] = []
    const ready = [...this.#cursors.values()].filter((cursor) => cursor.hasMore)
    const first = this.#turn++ % Math.max(1, ready.length)
    let left = maxBytes
    for (const cursor of [...ready.slice(first), ...ready.slice(0, first)]) {
      try {
        if (!(await cursor.locate(owner)) || !cursor.hasMore || this.#isClosed) continue
        const read = cursor.read(this.#space, left)
        for (const { batch } of read) left -= batch.length
        batches.push(...read)
      } catch (error) {
        // A deleted topic: the notice that takes it out of the assignment has arrived, or is about to.
        if (error instanceof NotFoundError) {
          this.#topicsChanged = true
          continue
        }
        if (batches.length === 0) throw error
      }
      if (left <= 0) break
    }
    return batches
  }

  /** Waits until something may have changed. Nothing can have, since nothing ran since it was looked at. */
  #news(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#isClosed || this.#topicsChanged) return Promise.resolve()
    for (const cursor of this.#cursors.values()) if (cursor.hasMore) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null
        resolve()
      }
    })
  }

  /** Brings the assignment up to date. True: it changed. */
  async #assign(): Promise<boolean> {
    const { owner, watches, dataDir } = this.#surroundings
    const { group, onOutOfRange } = this.#options
    this.#topicsChanged = false
    // Closing does not wait for a poll to end: whatever follows an `await` here may find this consumer closed.
    const wanted = assignedPartitions(await owner.call('topics', null), this.#options)
    const wantedKeys = new Set(wanted.map(partitionKey))
    const revoked = [...this.#cursors].filter(([key]) => !wantedKeys.has(key))
    const added = wanted.filter((partition) => !this.#cursors.has(partitionKey(partition)))
    if (this.#isClosed || (revoked.length === 0 && added.length === 0)) return false

    if (revoked.length > 0) {
      await this.#options.onRevoked(revoked.map(([, { target }]) => pick(target)))
      for (const [key, cursor] of revoked) {
        cursor.close()
        this.#cursors.delete(key)
      }
    }
    const committed = await owner.call('group-offsets', group)
    if (this.#isClosed) return false
    for (const { topicId, topic, partition, startOffset, endOffset } of added) {
      const stored = committed.find((entry) => entry.topic === topic && entry.partition === partition)
      const wanted = stored?.offset ?? startOffset
      // Records may be gone, or the end cut back.
      const offset = wanted < startOffset ? startOffset : wanted > endOffset ? endOffset : wanted
      if (offset !== wanted) onOutOfRange?.({ topic, partition, offset: wanted, goesOnAt: offset })
      const cursor = new PartitionCursor({ topic, topicId, partition }, dataDir, { offset, onOutOfRange })
      this.#cursors.set(partitionKey({ topicId, partition }), cursor)
    }
    this.grown(await watches.set(this, wanted))
    if (added.length > 0 && !this.#isClosed) await this.#options.onAssigned(this.#positions(added))
    return true
  }

  #positions(partitions: readonly AssignablePartition[]): TopicPartitionOffset[] {
    return partitions.map((partition) => {
      const { offset } = this.#cursors.get(partitionKey(partition))!
      return { ...pick(partition), offset }
    })
  }

  #find(partitions: readonly TopicPartition[]): PartitionCursor[] {
    return [...this.#cursors.values()].filter(({ target }) =>
      partitions.some(({ topic, partition }) => topic === target.topic && partition === target.partition),
    )
  }
}

function pick({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}
