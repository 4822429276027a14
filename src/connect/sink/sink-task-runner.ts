import { setImmediate } from 'node:timers/promises'
import { recordCount } from '../../api/record-batch.ts'
import type { SinkConnectorPlugin } from '../../api/plugin.ts'
import type { SinkTask, SinkTaskContext, TopicPartition, TopicPartitionOffset } from '../../api/sink-task.ts'
import type { ConsumedBatch, Consumer } from '../../log/log.ts'
import { DeadLetterQueue } from './dead-letter-queue.ts'
import { ErrorTolerance } from '../task/error-tolerance.ts'
import { errantRecordReporter } from './errant-records.ts'
import { loadRecordConverters } from '../task/record-converters.ts'
import { reportMetrics } from '../reported-metrics.ts'
import { SinkCommits } from './sink-commits.ts'
import { putError, SinkDelivery } from './sink-delivery.ts'
import { sinkGroup } from './sink-group.ts'
import { wantedTopics } from './sink-topics.ts'
import { SinkPositions } from './sink-positions.ts'
import { SinkRecordConverter } from './sink-record-converter.ts'
import { TaskLife } from '../task/task-life.ts'
import type { TaskEnvironment, TaskRunner } from '../task/task-runner.ts'
import { SinkTracing } from '../tracing/sink-tracing.ts'
import { loadTransformationChain, type TransformationChain } from '../task/transformation-chain.ts'

/** One poll. The task copies it into its requests, so a larger one is held twice for no gain. */
const POLL_BYTES = 1024 * 1024

/** Runs one sink task: start, then poll, convert, put and commit until it is stopped. */
export class SinkTaskRunner implements TaskRunner {
  readonly #environment: TaskEnvironment
  readonly #life: TaskLife
  readonly #positions = new SinkPositions()
  /** Ends the poll under way: the task is paused or stopped. */
  #polling = new AbortController()
  #task: SinkTask | null = null
  #chain: TransformationChain | null = null
  #consumer: Consumer | null = null
  #commits: SinkCommits | null = null
  #isReleased: Promise<void> | null = null
  readonly #tracing: SinkTracing | null

  constructor(environment: TaskEnvironment) {
    this.#environment = environment
    this.#life = new TaskLife(environment)
    const { tracer, spec } = environment
    this.#tracing = tracer === null ? null : new SinkTracing(tracer, spec.id)
  }

  run(): Promise<void> {
    const timeoutMs = Number(this.#environment.spec.worker.options['task.shutdown.graceful.timeout.ms'])
    return this.#life.run(
      () => this.#work(),
      () => this.#release(AbortSignal.timeout(timeoutMs)),
    )
  }

  pause(): void {
    this.#life.pause()
    this.#polling.abort()
  }

  resume(): void {
    this.#life.resume()
  }

  forgetTopics(): void {
    this.#life.forgetTopics()
  }

  async stop(timeoutMs: number): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs)
    const timeUp = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([this.#release(signal).then(() => this.#life.ended), timeUp])
  }

  async #work(): Promise<void> {
    const { spec, log, catalogue, logger, meter } = this.#environment
    const { connectorConfig: config, id } = spec
    const { signal } = this.#life
    if (!(await this.#life.passed())) return
    const plugin = (await catalogue.loadConnector(spec.connectorClass)) as SinkConnectorPlugin
    const createTask = await plugin.loadTask()
    const converters = await loadRecordConverters(config, spec.worker, catalogue)
    const chain = (this.#chain = await loadTransformationChain(config, catalogue, {
      log: logger,
      tracing: this.#tracing,
    }))
    const tolerance = new ErrorTolerance(config, { task: id, logger, signal, meter })
    const deadLetters = DeadLetterQueue.of(log, config, { task: id, meter })
    if (signal.aborted) return
    const task = (this.#task = createTask())
    const context: SinkTaskContext = {
      connectorName: id.connector,
      taskId: id.task,
      log: logger,
      signal,
      fail: (error) => this.#life.fail(putError(error)),
      requestCommit: () => this.#commits?.requested(),
      errantRecords: errantRecordReporter(tolerance, deadLetters),
      waiting: (reason) => this.#environment.onWaiting(reason),
      metrics: (group) => reportMetrics(group, this.#environment.onMetrics),
      tracing: this.#tracing,
    }
    await task.start(spec.taskConfig, context)
    if (signal.aborted) return
    const consumer = await log.openConsumer({
      group: sinkGroup(id.connector, config),
      topics: wantedTopics(config),
      member: { index: id.task, count: spec.taskCount },
      onAssigned: (partitions) => this.#assigned(partitions, task),
      onRevoked: (partitions) => this.#revoked(partitions, task),
      onOutOfRange: (jump) =>
        logger.warn({ ...jump }, 'Records are not in the topic any more that were to be read next'),
    })
    this.#consumer = consumer
    this.#commits = new SinkCommits({
      task,
      consumer,
      positions: this.#positions,
      flushIntervalMs: Number(spec.worker.options['offset.flush.interval.ms']),
      meter,
      onFailure: (error) => this.#life.fail(error),
    })
    if (signal.aborted) return consumer.close()
    this.#life.started()
    const converter = new SinkRecordConverter({ chain, converters, tolerance, deadLetters })
    await this.#pollUntilStopped(consumer, new SinkDelivery(task, converter, { logger, signal, meter }))
  }

  async #pollUntilStopped(consumer: Consumer, delivery: SinkDelivery): Promise<void> {
    const { signal } = this.#life
    while (await this.#life.passed()) {
      this.#polling = new AbortController()
      const batches = await consumer.poll(POLL_BYTES, this.#polling.signal)
      if (signal.aborted) return
      if (batches.length === 0) {
        await setImmediate()
        continue
      }
      if (this.#tracing === null) await delivery.deliver(batches)
      else await this.#tracing.delivering(batches, () => delivery.deliver(batches))
      this.#put(batches)
    }
  }

  #put(batches: readonly ConsumedBatch[]): void {
    const { meter } = this.#environment
    this.#positions.advance(batches)
    this.#commits?.worked()
    let count = 0
    for (const { topic, batch } of batches) {
      count += recordCount(batch)
      this.#life.used(topic)
    }
    const nowMs = meter.now()
    meter.add('sink-record-read-total', count, nowMs)
    meter.set('sink-record-active-count', this.#positions.active, nowMs)
  }

  async #assigned(partitions: readonly TopicPartitionOffset[], task: SinkTask): Promise<void> {
    this.#positions.assign(partitions)
    this.#countPartitions()
    await task.open?.(partitions)
  }

  #countPartitions(): void {
    const { meter } = this.#environment
    meter.set('partition-count', this.#positions.partitions().length)
    meter.set('sink-record-active-count', this.#positions.active)
  }

  /** The last moment at which these partitions are this task's: who gets them begins where it came to. */
  async #revoked(partitions: readonly TopicPartition[], task: SinkTask): Promise<void> {
    await task.close?.(partitions)
    await this.#commits?.commit()
    this.#positions.revoke(partitions)
    this.#countPartitions()
  }

  /** Ends the task once: waits for what is under way, commits what is stored, lets go. */
  #release(signal: AbortSignal): Promise<void> {
    this.#isReleased ??= this.#releaseOnce(signal)
    return this.#isReleased
  }

  async #releaseOnce(signal: AbortSignal): Promise<void> {
    const { logger } = this.#environment
    this.#life.stop()
    this.#polling.abort()
    const steps: readonly (() => unknown)[] = [
      () => this.#task?.stop(signal),
      // What the last requests stored need not be repeated.
      () => this.#commits?.commit(),
      () => this.#commits?.close(),
      () => this.#consumer?.close(),
      () => this.#chain?.close(),
    ]
    for (const step of steps) {
      try {
        await step()
      } catch (error) {
        logger.warn({ err: error }, 'A sink task failed while it was stopped')
      }
    }
  }
}
