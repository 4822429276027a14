import type { ConnectorConfig } from '../api/config-def.ts'
import { ConnectError } from '../api/errors.ts'
import type {
  SinkBatch,
  SinkTask,
  SinkTaskContext,
  TopicPartition,
  TopicPartitionOffset,
} from '../api/sink-task.ts'
import { BulkWriter } from './bulk/bulk-writer.ts'
import { ElasticsearchClient } from './client/client.ts'
import { IndexingDelays } from './bulk/indexing-delays.ts'
import { IndexKeeper } from './indices/index-keeper.ts'
import { PatientRequests } from './client/patient-requests.ts'
import { MirrorDocuments } from './mirror/mirror-documents.ts'
import { OlderDocuments } from './mirror/older-documents.ts'
import { StoredDocuments } from './mirror/stored-documents.ts'
import { OffsetTracker } from './bulk/offset-tracker.ts'
import { PlainDocuments } from './documents/plain-documents.ts'
import { RecordIntake } from './record-intake.ts'
import { RetryMeter } from './bulk/retry-meter.ts'
import { RefusedDocuments } from './documents/refused-documents.ts'
import { sinkOptions, type ReindexingOptions } from './sink-options.ts'
import { TopicTargets } from './indices/topic-targets.ts'
import { UnfitRecords } from './documents/unfit-records.ts'

/** Writes the records of its partitions into Elasticsearch. Composes the parts; each is told of in its own file. */
export class ElasticsearchSinkTask implements SinkTask {
  readonly #tracker = new OffsetTracker()
  #client: ElasticsearchClient | null = null
  #writer: BulkWriter | null = null
  #intake: RecordIntake | null = null
  readonly #reindexing: ReindexingOptions | null
  #closeTimeoutMs = 0
  #isStopped = false

  /** @param reindexing new indices to write in place of those of the configuration */
  constructor(reindexing: ReindexingOptions | null = null) {
    this.#reindexing = reindexing
  }

  /** Connects to nothing: an Elasticsearch that is down is waited for by the first `put`. */
  start(config: ConnectorConfig, context: SinkTaskContext): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    const configured = sinkOptions(config)
    const options = { ...configured, documents: { ...configured.documents, reindexing: this.#reindexing } }
    const { readTimeoutMs } = options.writer
    const client = (this.#client = new ElasticsearchClient({ ...options.client, readTimeoutMs }))
    const { random } = Math
    const delays = new IndexingDelays(context)
    const requests = new PatientRequests(client, options.writer, { context, random })
    const keeper = new IndexKeeper(requests, context.log)
    const targets = new TopicTargets(options.documents, keeper)
    const retries = new RetryMeter(context)
    const refusedDocuments = new RefusedDocuments(options.documents.onMalformed, context)
    const writer = (this.#writer = new BulkWriter(client, options.writer, {
      log: context.log,
      random,
      tracing: context.tracing,
      refused: (body, item, verdict) => refusedDocuments.refusedItem(body, item, verdict),
      indexMissing: (lines) => targets.indexMissing(lines),
      waiting: (reason) => context.waiting?.(reason),
      stored: (oldestMs) => delays.stored(oldestMs),
      retried: (cause) => retries.count(cause),
      drained: () => context.requestCommit(),
      failed: (error) => {
        if (!context.signal.aborted) context.fail(error)
      },
    }))
    const { documents } = options
    const unfit = new UnfitRecords(context, refusedDocuments, documents.isInvalidDropped)
    const parts = { context, writer, targets, unfit }
    const taker =
      documents.mirror === null
        ? new PlainDocuments(documents, parts)
        : new MirrorDocuments(documents, documents.mirror, {
            ...parts,
            stored: new StoredDocuments(requests),
            older: new OlderDocuments(requests),
          })
    this.#intake = new RecordIntake(taker, {
      writer,
      targets,
      tracker: this.#tracker,
      signal: context.signal,
    })
    this.#closeTimeoutMs = options.closeTimeoutMs
    return Promise.resolve()
  }

  open(partitions: readonly TopicPartition[]): Promise<void> {
    for (const { topic, partition } of partitions) this.#tracker.progress(topic, partition)
    return Promise.resolve()
  }

  /** Waits for what is under way, but not for a server that is down; what is left then is another task's. */
  async close(partitions: readonly TopicPartition[]): Promise<void> {
    const isDone = () => !this.#tracker.isPending(partitions)
    try {
      await this.#writer?.settle(isDone, AbortSignal.timeout(this.#closeTimeoutMs))
    } finally {
      this.#tracker.revoke(partitions)
    }
  }

  async put(batches: readonly SinkBatch[]): Promise<void> {
    if (this.#intake === null) throw new ConnectError('elasticsearch.stopped', 'The task is not running.')
    await this.#intake.take(batches)
  }

  preCommit(positions: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]> {
    return Promise.resolve(this.#tracker.committable(positions))
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopped = true
    const writer = this.#writer
    // Once the writer has failed there is nothing to wait for, and the failure is known already.
    await writer?.settle(() => writer.pendingCount === 0, signal).catch(() => {})
    writer?.close()
    this.#client?.close()
  }
}
