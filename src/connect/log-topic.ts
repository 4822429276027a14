import { RecordBatchReader } from '../api/record-batch.ts'
import type { TopicRecord, TopicSource } from '../api/source-task.ts'
import type { Log } from '../log/log.ts'

/** How much is read at once. */
const MOST_BYTES = 1024 * 1024
const PARTITION = 0

/** Reads a topic of a log for a task's own purposes, from where a group of that name is. */
export class LogTopic implements TopicSource {
  readonly #log: Log
  readonly #topic: string
  readonly #group: string
  readonly #isOwned: boolean
  /** The next offset; null before the first read. */
  #next: bigint | null = null

  /** @param place `isOwned`: the log is closed with it */
  constructor(
    log: Log,
    place: { readonly topic: string; readonly group: string; readonly isOwned: boolean },
  ) {
    this.#log = log
    this.#topic = place.topic
    this.#group = place.group
    this.#isOwned = place.isOwned
  }

  async read(): Promise<readonly TopicRecord[]> {
    // It may be created, or emptied, at any time.
    const description = await this.#log.describeTopic(this.#topic)
    const partition = description?.partitions.find(({ partition }) => partition === PARTITION)
    if (partition === undefined) {
      this.#next = null
      return []
    }
    this.#next ??= await this.#committed()
    if (this.#next > partition.endOffset || this.#next < partition.startOffset)
      this.#next = partition.startOffset
    if (this.#next === partition.endOffset) return []
    const from = { topic: this.#topic, partition: PARTITION, offset: this.#next }
    const records: TopicRecord[] = []
    for (const bytes of await this.#log.read(from, MOST_BYTES)) {
      for (const reader = new RecordBatchReader(bytes); reader.next();) {
        if (reader.offset < from.offset) continue
        records.push({ key: copy(reader.key), value: copy(reader.value), offset: reader.offset })
      }
    }
    const last = records.at(-1)
    this.#next = last === undefined ? partition.endOffset : last.offset + 1n
    return records
  }

  async commit(): Promise<void> {
    if (this.#next === null) return
    const offset = { topic: this.#topic, partition: PARTITION, offset: this.#next }
    await this.#log.commitGroupOffsets(this.#group, [offset])
  }

  async close(): Promise<void> {
    if (this.#isOwned) await this.#log.close()
  }

  async #committed(): Promise<bigint> {
    const offsets = await this.#log.groupOffsets(this.#group)
    const mine = offsets.find(({ topic, partition }) => topic === this.#topic && partition === PARTITION)
    return mine?.offset ?? 0n
  }
}

/** The log may use the memory of its buffers again. */
function copy(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}
