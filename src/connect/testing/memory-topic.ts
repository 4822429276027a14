import { ConflictError } from '../../api/errors.ts'
import type { OpenSharedTopic, SharedEntry, SharedTopicOptions } from '../../log/shared-topic.ts'

/** A shared topic in memory: what one writes, all who have it open read at once. */
export class MemoryTopic {
  readonly entries: SharedEntry[] = []
  readonly #readers = new Set<SharedTopicOptions['onRecord']>()
  #claimedBy: object | null = null

  readonly open: OpenSharedTopic = async ({ topic, onRecord, writerId }) => {
    const self = {}
    this.#readers.add(onRecord)
    this.entries.forEach((entry, i) => onRecord({ ...entry, offset: BigInt(i) }))
    const close = async (): Promise<void> => void this.#readers.delete(onRecord)
    return {
      name: topic.name,
      write: async (entries) => this.#append(entries),
      claim: async () => void (this.#claimedBy = self),
      writeClaimed: async (entries) => {
        if (writerId !== undefined && this.#claimedBy !== self)
          throw new ConflictError('log.producer-fenced', 'Another one has claimed the topic')
        this.#append(entries)
      },
      readToEnd: async () => undefined,
      close,
      [Symbol.asyncDispose]: close,
    }
  }

  #append(entries: readonly SharedEntry[]): void {
    for (const entry of entries) {
      const offset = BigInt(this.entries.length)
      this.entries.push(entry)
      for (const read of this.#readers) read({ ...entry, offset })
    }
  }
}
