import { RecordBatchReader, RecordBatchWriter } from '../../api/record-batch.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Log, PartitionBatch } from '../../log/log.ts'

/** Kept for ever: dead letters themselves can be changed on no log, so that what was done with them stands here. */
const TOPIC = '__tailrace_dead_letters'
const PARTITION = 0
const READ_BYTES = 1024 * 1024

export type DeadLetterAction = 'retried' | 'discarded'

export interface DeadLetterMark {
  readonly action: DeadLetterAction
  readonly atMs: number
}

interface MarkedLetter extends TopicPartitionOffset {
  readonly timestampMs: number
}

/** What was done with dead letters: a topic of marks. */
export class DeadLetterMarks {
  readonly #log: Log
  readonly #marks = new Map<string, DeadLetterMark>()
  #next = 0n
  #reading: Promise<void> = Promise.resolve()

  constructor(log: Log) {
    this.#log = log
  }

  /** Null: nothing yet. Up to date as of the last `refresh`. */
  of(letter: MarkedLetter): DeadLetterMark | null {
    return this.#marks.get(keyOf(letter)) ?? null
  }

  /** How many letters of a topic are marked that lie at or above these starts of its partitions. */
  count(topic: string, starts: ReadonlyMap<number, bigint>): number {
    let count = 0
    for (const key of this.#marks.keys()) {
      const [of, partition, offset] = JSON.parse(key) as [string, number, string]
      if (of === topic && BigInt(offset) >= (starts.get(partition) ?? 0n)) count++
    }
    return count
  }

  /** Reads what was marked since the last time, here or by other workers. */
  async refresh(): Promise<void> {
    const read = this.#reading.then(() => this.#read())
    this.#reading = read.catch(() => undefined)
    await read
  }

  /** The topic is there once it resolves. */
  async prepare(): Promise<void> {
    await this.#log.createTopic({ name: TOPIC, partitions: 1, config: { 'retention.ms': '-1' } })
  }

  /** What marks a letter, to be appended with what is done. */
  batch(letter: MarkedLetter, mark: DeadLetterMark): PartitionBatch {
    const writer = new RecordBatchWriter()
    writer.record(mark.atMs, Buffer.from(keyOf(letter)), Buffer.from(JSON.stringify(mark)))
    return { topic: TOPIC, partition: PARTITION, batch: writer.finish() }
  }

  async #read(): Promise<void> {
    const topic = await this.#log.describeTopic(TOPIC)
    const end = topic?.partitions[PARTITION]?.endOffset ?? 0n
    if (end < this.#next) {
      // The topic was deleted meanwhile.
      this.#marks.clear()
      this.#next = 0n
    }
    while (this.#next < end) {
      const from = { topic: TOPIC, partition: PARTITION, offset: this.#next }
      const batches = await this.#log.read(from, READ_BYTES)
      if (batches.length === 0) return
      for (const batch of batches) {
        const reader = new RecordBatchReader(batch)
        while (reader.next()) this.#take(reader)
        if (reader.lastOffset >= this.#next) this.#next = reader.lastOffset + 1n
      }
    }
  }

  #take({ key, value }: RecordBatchReader): void {
    if (key === null || value === null) return
    this.#marks.set(key.toString('utf8'), JSON.parse(value.toString('utf8')) as DeadLetterMark)
  }
}

/** With the time: a topic that was deleted and came again has other letters at the same offsets. */
function keyOf({ topic, partition, offset, timestampMs }: MarkedLetter): string {
  return JSON.stringify([topic, partition, String(offset), timestampMs])
}
