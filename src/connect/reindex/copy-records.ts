import { ConfigError, ConnectError } from '../../api/errors.ts'
import { RecordBatchReader } from '../../api/record-batch.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Log, TopicDescription } from '../../log/log.ts'
import { batchUpTo } from './batch-up-to.ts'
import { NewIndexTask } from './new-index-task.ts'
import { positionsOf, storedPositions } from './reindex-record.ts'
import type { ReindexJob } from './reindex-job.ts'
import type { ReindexProgress } from './reindex-work.ts'
import type { SinkAhead } from './sink-ahead.ts'

const READ_BYTES = 1024 * 1024
const STORE_EVERY_MS = 1000
/** So few records are left to the moment in which the sink stands still. */
const NEARLY_THERE = 5000n

/**
 * Writes what topics hold up to what the sink has stored of them, and no record more: so the new index is at each moment
 * what the old one was at an earlier one, whatever kind of documents it has.
 * @param sink waited for as well; null: it stands still
 */
export async function copyRecords(
  job: ReindexJob,
  topics: readonly string[],
  { isToTheEnd, sink }: { readonly isToTheEnd: boolean; readonly sink: SinkAhead | null },
): Promise<void> {
  const isAfterRows = job.record.from === 'snapshot'
  await using target = await NewIndexTask.start(job, { rows: null, isAfterRows })
  const copy = new RecordCopy(job, target)
  let storedAtMs = performance.now()
  for (;;) {
    const left = await copy.left(topics)
    const isNear = left === 0n || (!isToTheEnd && left < NEARLY_THERE)
    if (isNear && (sink === null || (await sink.isThere()))) break
    while (await copy.round()) {
      if (performance.now() - storedAtMs < STORE_EVERY_MS) continue
      storedAtMs = performance.now()
      await copy.store()
    }
  }
  await copy.finish()
}

class RecordCopy {
  readonly #job: ReindexJob
  readonly #target: NewIndexTask
  readonly #positions: Map<string, TopicPartitionOffset>
  #limits: readonly TopicPartitionOffset[] = []
  #done = 0n

  constructor(job: ReindexJob, target: NewIndexTask) {
    this.#job = job
    this.#target = target
    this.#positions = new Map(positionsOf(job.record).map((position) => [nameOf(position), position]))
  }

  /** How much the sink has stored that is not copied yet. */
  async left(topics: readonly string[]): Promise<bigint> {
    this.#limits = (await this.#job.committed()).filter(({ topic }) => topics.includes(topic))
    let left = 0n
    for (const limit of this.#limits) {
      const { offset } = this.#position(limit)
      if (limit.offset > offset) left += limit.offset - offset
    }
    this.#tell(left)
    return left
  }

  /** A piece of each partition. False: all that the limits allow is handed over. */
  async round(): Promise<boolean> {
    let hasMore = false
    let left = 0n
    for (const limit of this.#limits) {
      const position = this.#position(limit)
      if (position.offset >= limit.offset) continue
      const next = await this.#copy(position, limit.offset)
      this.#positions.set(nameOf(limit), { ...position, offset: next })
      this.#done += next - position.offset
      left += limit.offset - next
      if (next < limit.offset) hasMore = true
    }
    this.#tell(left)
    return hasMore
  }

  async store(): Promise<void> {
    await this.#target.task.preCommit([...this.#positions.values()]).then(async (stored) => {
      await this.#job.store({ positions: storedPositions(stored) })
    })
  }

  /** Everything that was handed over is there. */
  async finish(): Promise<void> {
    const { signal } = this.#job.parts
    await this.#target.stored([...this.#positions.values()], signal)
    await this.store()
  }

  #position(of: TopicPartitionOffset): TopicPartitionOffset {
    const known = this.#positions.get(nameOf(of))
    // A partition, or a topic of `topics.regex`, that came to be since: it is read from its first record on.
    return known ?? { topic: of.topic, partition: of.partition, offset: 0n }
  }

  /** Answers the offset up to which records were handed over. */
  async #copy(position: TopicPartitionOffset, limit: bigint): Promise<bigint> {
    const { log, signal } = this.#job.parts
    signal.throwIfAborted()
    const { topic, partition, offset } = position
    const read = await log.read(position, READ_BYTES)
    const [first] = read
    if (first === undefined) return limit
    if (new RecordBatchReader(first).baseOffset > offset) await requireStillThere(log, position)
    const batches = read.flatMap((batch) => {
      const cut = batchUpTo(batch, limit)
      return cut === null ? [] : [{ topic, partition, batch: cut, firstOffset: offset }]
    })
    if (batches.length > 0) await Promise.race([this.#target.delivery.deliver(batches), this.#target.failed])
    const last = new RecordBatchReader(read.at(-1)!).lastOffset + 1n
    return last < limit ? last : limit
  }

  #tell(left: bigint): void {
    const done = Number(this.#done)
    const progress: ReindexProgress = { phase: 'copying records', done, of: done + Number(left) }
    this.#job.parts.onProgress(progress)
  }
}

function nameOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`
}

/** Throws unless the topics still have all that they ever had. */
export function requireWholeTopics(topics: readonly TopicDescription[]): void {
  for (const { name, partitions, config } of topics) {
    const shortened = partitions.find(({ startOffset }) => startOffset > 0n)
    if (shortened !== undefined) {
      throw gone(name, `partition ${shortened.partition} begins at offset ${shortened.startOffset}`)
    }
    if ((config['cleanup.policy'] ?? '').includes('compact')) throw gone(name, 'it is compacted')
  }
}

async function requireStillThere(
  log: Log,
  { topic, partition, offset }: TopicPartitionOffset,
): Promise<void> {
  const partitions = (await log.describeTopic(topic))?.partitions ?? []
  const start = partitions.find((one) => one.partition === partition)?.startOffset
  if (start === undefined) throw gone(topic, 'it was deleted')
  if (start <= offset) return
  throw new ConnectError(
    'connect.reindex-behind',
    `Retention has taken records of topic ${topic}, partition ${partition}, from offset ${offset} to ${start} before they were copied. Say --abort, then begin again with --from snapshot.`,
  )
}

function gone(topic: string, why: string): ConfigError {
  return new ConfigError(
    'connect.reindex-unsupported',
    `Topic ${topic} no longer has all that it had: ${why}. A new index made of the rest would lack documents: say --from snapshot.`,
  )
}
