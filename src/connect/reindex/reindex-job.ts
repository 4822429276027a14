import type { SinkConnectorPlugin } from '../../api/plugin.ts'
import { ConfigError } from '../../api/errors.ts'
import type { Reindexer } from '../../api/reindexing.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Log } from '../../log/log.ts'
import type { JobEnvironment } from '../jobs/job-thread.ts'
import { sinkGroup } from '../sink/sink-group.ts'
import { partitionEnds } from '../sink/sink-progress.ts'
import { sinkTopics } from '../sink/sink-topics.ts'
import { openSinkLog } from '../task/task-client.ts'
import { copyRecords, requireWholeTopics } from './copy-records.ts'
import { copyRows } from './copy-rows.ts'
import { BEAT_MS, ReindexRecords, storedPositions, type ReindexRecord } from './reindex-record.ts'
import type { ReindexOutcome, ReindexWork } from './reindex-work.ts'
import { SinkAhead } from './sink-ahead.ts'

/** Performs a part of a reindexing, and keeps in its record how far it is. */
export async function reindex(
  connector: string,
  work: ReindexWork,
  environment: JobEnvironment,
): Promise<ReindexOutcome> {
  const { catalogue, logger, signal } = environment
  const { config } = work
  const plugin = (await catalogue.loadConnector(config['connector.class'] ?? '')) as SinkConnectorPlugin
  if (plugin.type !== 'sink' || plugin.loadReindexer === undefined) {
    throw new ConfigError(
      'connect.reindex-unsupported',
      `Connector ${connector} is not a sink whose indices can be made anew: name the sink of the index.`,
    )
  }
  const open = await plugin.loadReindexer()
  const reindexer = open(config, { log: logger, signal, suffix: work.record.suffix })
  const sinkLog = await openSinkLog(environment.log, connector, config)
  try {
    const records = new ReindexRecords(environment.log)
    const job = new ReindexJob({ ...environment, log: sinkLog.log, connector, work, reindexer, records })
    return await job.perform()
  } finally {
    reindexer.close()
    await sinkLog.close()
  }
}

export interface ReindexJobParts extends JobEnvironment {
  /** As the sink reads it. */
  readonly log: Log
  readonly connector: string
  readonly work: ReindexWork
  readonly reindexer: Reindexer
  readonly records: ReindexRecords
}

/** What was done, as it was last stored. */
export class ReindexJob {
  readonly parts: ReindexJobParts
  record: ReindexRecord
  /** The record's own, and those that came to be since it was stored. */
  readonly #names: Set<string>

  constructor(parts: ReindexJobParts) {
    this.parts = parts
    this.record = parts.work.record
    this.#names = new Set(this.record.names)
  }

  async perform(): Promise<ReindexOutcome> {
    const { work, reindexer, onProgress } = this.parts
    if (work.step === 'tidy' || work.step === 'discard') {
      await reindexer[work.step](this.record.names)
      return { record: this.record, indices: [] }
    }
    const topics = await sinkTopics(work.config, this.parts.log)
    if (this.record.positions === null) await this.#begin(topics)
    if (!this.record.areRowsThere) {
      await copyRows(this, topics)
      await this.store({ areRowsThere: true })
    }
    const ends = work.isSinkRunning ? await partitionEnds(this.parts.log, topics) : null
    const sink = ends === null ? null : new SinkAhead(this, ends)
    await copyRecords(this, topics, { isToTheEnd: work.step === 'finish', sink })
    if (work.step === 'fill') return { record: this.record, indices: [] }
    onProgress({ phase: 'swapping', done: 0, of: this.record.names.length })
    return { record: this.record, indices: await reindexer.swap(this.record.names, this.record) }
  }

  /** Durable when it resolves. */
  async store(change: Partial<ReindexRecord>): Promise<void> {
    const { records, connector, signal } = this.parts
    signal.throwIfAborted()
    this.record = { ...this.record, ...change, names: [...this.#names], beatAt: Date.now() }
    await records.write(connector, this.record)
  }

  /** Says now and then that this is still going on. */
  async beat(): Promise<void> {
    if (Date.now() - this.record.beatAt > BEAT_MS / 5) await this.store({})
  }

  /** There is a new index now. Stored with the positions: what is read again after an interruption names it again. */
  named(name: string): void {
    this.#names.add(name)
  }

  /** What the sink has stored: the new index never gets ahead of that. */
  committed(): Promise<readonly TopicPartitionOffset[]> {
    const { log, connector, work } = this.parts
    return log.groupOffsets(sinkGroup(connector, work.config))
  }

  async #begin(topics: readonly string[]): Promise<void> {
    const { log, reindexer, connector } = this.parts
    const described = (await Promise.all(topics.map((topic) => log.describeTopic(topic)))).filter(
      (topic) => topic !== null,
    )
    const committed = await this.committed()
    if (this.record.from === 'log') requireWholeTopics(described)
    const positions = described.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partition, startOffset }) => {
        const stored = committed.find((one) => one.topic === topic && one.partition === partition)
        const offset = this.record.from === 'log' ? startOffset : (stored?.offset ?? startOffset)
        return { topic, partition, offset }
      }),
    )
    const unread = positions.find(({ offset }) => offset === 0n)
    if (this.record.from === 'snapshot' && reindexer.areVersionsOffsets && unread !== undefined) {
      throw new ConfigError(
        'connect.reindex-unsupported',
        `${connector} has read nothing of topic ${unread.topic}, partition ${unread.partition}, and the versions of its documents are offsets: no version is left for rows that is below the first. Leave out --from snapshot, or use mode=mirror.`,
      )
    }
    for (const name of await reindexer.begin(topics, this.record)) this.named(name)
    await this.store({ positions: storedPositions(positions) })
  }
}
