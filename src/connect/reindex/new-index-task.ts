import { setTimeout as delay } from 'node:timers/promises'
import type { ReindexWrites } from '../../api/reindexing.ts'
import type { SinkTask, SinkTaskContext, TopicPartitionOffset } from '../../api/sink-task.ts'
import { ErrorTolerance } from '../task/error-tolerance.ts'
import { errantRecordReporter } from '../sink/errant-records.ts'
import { loadRecordConverters } from '../task/record-converters.ts'
import { SinkDelivery } from '../sink/sink-delivery.ts'
import { SinkRecordConverter } from '../sink/sink-record-converter.ts'
import { TaskMeter } from '../task/task-meter.ts'
import { loadTransformationChain, type TransformationChain } from '../task/transformation-chain.ts'
import type { ReindexJob } from './reindex-job.ts'

const STOP_MS = 5000
const ASK_AGAIN_MS = 10

/** A task of the sink that writes new indices, with everything that it has around it in a worker. */
export class NewIndexTask implements AsyncDisposable {
  readonly task: SinkTask
  readonly converter: SinkRecordConverter
  readonly delivery: SinkDelivery
  /** Rejects once the task has failed. */
  readonly failed: Promise<never>
  readonly #chain: TransformationChain

  private constructor(parts: {
    readonly task: SinkTask
    readonly converter: SinkRecordConverter
    readonly delivery: SinkDelivery
    readonly failed: Promise<never>
    readonly chain: TransformationChain
  }) {
    this.task = parts.task
    this.converter = parts.converter
    this.delivery = parts.delivery
    this.failed = parts.failed
    this.#chain = parts.chain
  }

  static async start(job: ReindexJob, writes: Omit<ReindexWrites, 'onIndex'>): Promise<NewIndexTask> {
    const { work, catalogue, worker, logger, signal, reindexer, connector } = job.parts
    const { config } = work
    const meter = new TaskMeter()
    const failure = Promise.withResolvers<never>()
    failure.promise.catch(() => {})
    const chain = await loadTransformationChain(config, catalogue, { log: logger, tracing: null })
    const converters = await loadRecordConverters(config, worker, catalogue)
    // What the sink passed over is passed over here too, but its dead letters are there already.
    const id = { connector, task: 0 }
    const tolerance = new ErrorTolerance(config, { task: id, logger, signal, meter })
    const context: SinkTaskContext = {
      connectorName: connector,
      taskId: 0,
      log: logger,
      signal,
      fail: (error) => failure.reject(error),
      requestCommit: () => undefined,
      errantRecords: errantRecordReporter(tolerance, null),
      metrics: () => ({ set: () => undefined, add: () => undefined, observe: () => undefined }),
    }
    const task = reindexer.task({ ...writes, onIndex: (name) => job.named(name) })
    await task.start(config, context)
    const converter = new SinkRecordConverter({ chain, converters, tolerance, deadLetters: null })
    const delivery = new SinkDelivery(task, converter, { logger, signal, meter })
    return new NewIndexTask({ task, converter, delivery, failed: failure.promise, chain })
  }

  /** Resolves when everything before these positions is stored. */
  async stored(positions: readonly TopicPartitionOffset[], signal: AbortSignal): Promise<void> {
    for (;;) {
      const done = await Promise.race([this.task.preCommit(positions), this.failed])
      if (done.every(({ offset }, i) => offset === positions[i]!.offset)) return
      await Promise.race([delay(ASK_AGAIN_MS, undefined, { signal }), this.failed])
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.task.stop(AbortSignal.timeout(STOP_MS)).catch(() => {})
    this.#chain.close()
  }
}
