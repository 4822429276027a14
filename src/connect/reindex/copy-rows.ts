import { ConfigError } from '../../api/errors.ts'
import { caughtUp } from '../verify/caught-up.ts'
import { FeedingSources } from '../verify/feeding-sources.ts'
import { NewIndexTask } from './new-index-task.ts'
import type { ReindexJob } from './reindex-job.ts'
import type { ReindexProgress } from './reindex-work.ts'

/**
 * Writes the rows of one moment, on the way that they take through source and sink. Done again from the beginning after
 * an interruption: what the topics hold since before it takes away what is gone meanwhile.
 */
export async function copyRows(job: ReindexJob, topics: readonly string[]): Promise<void> {
  const { connector, work, reindexer, signal, log } = job.parts
  const sink = { name: connector, config: work.config }
  const isWanted = (topic: string): boolean => topics.includes(topic)
  const feeding = new FeedingSources(job.parts)
  try {
    const source = await feeding.of(
      topics,
      work.sources,
      ({ isNone }) =>
        new ConfigError(
          'connect.reindex-unsupported',
          `${isNone ? 'No source connector' : 'More than one source connector'} of this worker writes rows to the topics of ${connector} (${topics.join(', ')}): a snapshot is taken of the tables of one source.`,
        ),
    )
    const pass = await source.reader.begin(isWanted)
    try {
      const unread = topics.find((topic) => pass.topics.length > 0 && !pass.topics.includes(topic))
      if (unread !== undefined) {
        throw new ConfigError(
          'connect.reindex-unsupported',
          `No table of the source writes to topic ${unread} of ${connector}, so a snapshot has nothing of it. Leave out --from snapshot, or take the topic off the sink.`,
        )
      }
      const version = reindexer.areVersionsOffsets ? 0n : pass.version
      await using target = await NewIndexTask.start(job, { rows: { version }, isAfterRows: false })
      let done = 0
      const tell = (): void => {
        signal.throwIfAborted()
        const progress: ReindexProgress = {
          phase: 'copying rows',
          done,
          of: Math.max(done, pass.expectedRows),
        }
        job.parts.onProgress(progress)
      }
      tell()
      for await (const batch of source.read(pass, { isWanted, converter: target.converter })) {
        await job.beat()
        await Promise.race([target.task.put([batch]), target.failed])
        done += batch.kind === 'json' ? batch.reader.count : batch.records.length
        tell()
      }
      const everything = topics.map((topic) => ({ topic, partition: 0, offset: NO_OFFSET }))
      await target.stored(everything, signal)
      // Else what the sink has not stored yet would bring states of before the snapshot back for a while.
      await caughtUp(pass.position, { log, reader: source.reader, sink, topics, signal })
    } finally {
      pass.close()
    }
  } finally {
    feeding.close()
  }
}

/** Above all that a row has in its batch. */
const NO_OFFSET = BigInt(Number.MAX_SAFE_INTEGER)
