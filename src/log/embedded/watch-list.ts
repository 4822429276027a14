import type { OwnerConnection } from './owner-connection.ts'
import type { PartitionId, PartitionTail } from './protocol.ts'

/** Which partitions the consumers of one client want to hear of, told to the owner as one list. */
export class WatchList {
  readonly #owner: OwnerConnection
  readonly #watched = new Map<object, readonly PartitionId[]>()

  constructor(owner: OwnerConnection) {
    this.#owner = owner
  }

  /** Replaces what `watcher` watches; answers the present ends of all partitions that anybody here watches. */
  async set(watcher: object, partitions: readonly PartitionId[]): Promise<readonly PartitionTail[]> {
    if (partitions.length === 0) this.#watched.delete(watcher)
    else this.#watched.set(watcher, partitions)
    return this.#owner.call('watch', [...this.#watched.values()].flat())
  }
}

/** A partition as a map key. */
export function partitionKey({ topicId, partition }: PartitionId): string {
  return `${topicId}/${partition}`
}
