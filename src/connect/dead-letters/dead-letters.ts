import { NotFoundError } from '../../api/errors.ts'
import { encodeHeaders, RecordBatchReader, RecordBatchWriter } from '../../api/record-batch.ts'
import type { TopicPartition, TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Log, PartitionBatch } from '../../log/log.ts'
import { readDeadLetter, type DeadLetter } from './dead-letter.ts'
import { DeadLetterMarks, type DeadLetterMark } from './dead-letter-marks.ts'
import { withNewerKeys } from './newer-keys.ts'

const READ_BYTES = 1024 * 1024

/**
 * What became of a letter that was to be retried: `retried`; `marked` before; `superseded`, because a newer record of its
 * key is in the topic, which the old one must not overwrite; `unchecked`, because too many records would have to be looked
 * through for that; `homeless`, because nobody knows which topic it came from; `topic-missing`.
 */
export type RetryOutcome = 'retried' | 'marked' | 'superseded' | 'unchecked' | 'homeless' | 'topic-missing'

export interface LetterPage {
  readonly letters: readonly (DeadLetter & { readonly mark: DeadLetterMark | null })[]
  /** Where older ones end; null: there are none. */
  readonly before: bigint | null
}

/** Dead letter topics: what lies in them, and what is done with it. */
export class DeadLetters {
  readonly #log: Log
  readonly #marks: DeadLetterMarks
  /** Retries of one letter from two places must not both write it. */
  #working: Promise<unknown> = Promise.resolve()

  constructor(log: Log) {
    this.#log = log
    this.#marks = new DeadLetterMarks(log)
  }

  /** How many letters of a topic nothing was done with; null: there is no such topic. */
  async openCount(topic: string): Promise<{ readonly open: number; readonly all: number } | null> {
    const described = await this.#log.describeTopic(topic)
    if (described === null) return null
    await this.#marks.refresh()
    const all = described.partitions.reduce((sum, part) => sum + Number(part.endOffset - part.startOffset), 0)
    const starts = new Map(described.partitions.map(({ partition, startOffset }) => [partition, startOffset]))
    return { all, open: Math.max(0, all - this.#marks.count(topic, starts)) }
  }

  /** The newest letters of a partition first. @param before the offset that they end below; null: all of them */
  async page(
    { topic, partition }: TopicPartition,
    before: bigint | null,
    limit: number,
  ): Promise<LetterPage> {
    const described = (await this.#log.describeTopic(topic))?.partitions.find(
      (each) => each.partition === partition,
    )
    if (described === undefined) throw unknown({ topic, partition, offset: before ?? 0n })
    await this.#marks.refresh()
    const end = before === null || before > described.endOffset ? described.endOffset : before
    const from = end - BigInt(limit) < described.startOffset ? described.startOffset : end - BigInt(limit)
    const letters = await this.#read({ topic, partition, offset: from }, end)
    return {
      letters: letters.map((letter) => ({ ...letter, mark: this.#marks.of(letter) })).reverse(),
      before: from > described.startOffset ? from : null,
    }
  }

  /** Nothing is deleted: the letters are marked as dealt with. */
  async discard(places: readonly TopicPartitionOffset[]): Promise<void> {
    await this.#inTurn(async () => {
      const letters = await this.#letters(places)
      const open = letters.filter((letter) => this.#marks.of(letter) === null)
      await this.#append(open.map((letter) => this.#markOf(letter, 'discarded')))
    })
  }

  /** Writes the records again to the topics that they came from, where all sinks of these topics read them again. */
  async retry(places: readonly TopicPartitionOffset[]): Promise<readonly RetryOutcome[]> {
    return this.#inTurn(async () => {
      const letters = await this.#letters(places)
      const checked = await this.#newer(letters)
      const outcomes: RetryOutcome[] = []
      for (const letter of letters) outcomes.push(await this.#retry(letter, checked))
      return outcomes
    })
  }

  async #retry(letter: DeadLetter, checked: Checked): Promise<RetryOutcome> {
    const { origin } = letter
    if (this.#marks.of(letter) !== null) return 'marked'
    if (origin === null) return 'homeless'
    const partitions = (await this.#log.describeTopic(origin.topic))?.partitions ?? []
    if (!partitions.some(({ partition }) => partition === origin.partition)) return 'topic-missing'
    const newer = checked.get(partitionKey(origin))
    if (newer === null) return 'unchecked'
    if (newer?.has(origin.offset)) return 'superseded'
    const writer = new RecordBatchWriter(encodeHeaders(letter.headers))
    writer.record(letter.timestampMs, letter.key, letter.value)
    const { topic, partition } = origin
    // In this order: where a log cannot do both at once, a letter may be written twice but never be lost.
    await this.#append([{ topic, partition, batch: writer.finish() }, this.#markOf(letter, 'retried')])
    return 'retried'
  }

  /** For each partition that letters came from: which of them are overtaken. */
  async #newer(letters: readonly DeadLetter[]): Promise<Checked> {
    const byPartition = Map.groupBy(
      letters.flatMap(({ origin, key }) => (origin === null || key === null ? [] : [{ ...origin, key }])),
      partitionKey,
    )
    const checked = new Map<string, ReadonlySet<bigint> | null>()
    for (const [name, places] of byPartition) {
      checked.set(name, await withNewerKeys(this.#log, places[0]!, places))
    }
    return checked
  }

  async #letters(places: readonly TopicPartitionOffset[]): Promise<readonly DeadLetter[]> {
    await this.#marks.prepare()
    await this.#marks.refresh()
    const letters: DeadLetter[] = []
    for (const place of places) {
      const [letter] = await this.#read(place, place.offset + 1n)
      if (letter === undefined) throw unknown(place)
      letters.push(letter)
    }
    return letters
  }

  async #read(from: TopicPartitionOffset, end: bigint): Promise<DeadLetter[]> {
    const { topic, partition } = from
    const letters: DeadLetter[] = []
    let next = from.offset
    while (next < end) {
      const batches = await this.#log.read({ topic, partition, offset: next }, READ_BYTES)
      if (batches.length === 0) break
      for (const batch of batches) {
        const reader = new RecordBatchReader(batch)
        while (reader.next() && reader.offset < end) {
          if (reader.offset >= next) letters.push(readDeadLetter(reader, topic, partition))
        }
        if (reader.lastOffset >= next) next = reader.lastOffset + 1n
      }
    }
    return letters
  }

  #markOf(letter: DeadLetter, action: DeadLetterMark['action']): PartitionBatch {
    return this.#marks.batch(letter, { action, atMs: Date.now() })
  }

  async #append(batches: readonly PartitionBatch[]): Promise<void> {
    if (batches.length > 0) await this.#log.append({ batches })
    await this.#marks.refresh()
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#working.then(work)
    this.#working = turn.catch(() => undefined)
    return turn
  }
}

type Checked = ReadonlyMap<string, ReadonlySet<bigint> | null>

function partitionKey({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`
}

function unknown({ topic, partition, offset }: TopicPartitionOffset): NotFoundError {
  return new NotFoundError(
    'connect.dead-letter-unknown',
    `Topic ${topic} has no dead letter in partition ${partition} at offset ${offset}`,
  )
}
