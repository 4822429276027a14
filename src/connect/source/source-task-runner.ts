import { setImmediate } from 'node:timers/promises'
import type { JsonObject } from '../../api/record.ts'
import type { SourceConnectorPlugin } from '../../api/plugin.ts'
import type {
  SourceBatch,
  SourceTask,
  SourceTaskContext,
  TopicSource,
  TopicSourceOptions,
} from '../../api/source-task.ts'
import type { RecordTemplate } from '../../api/template.ts'
import { SOURCE_OFFSETS, sourceOffsetKey, type PartitionBatch } from '../../log/log.ts'
import { AppendQueue, type AppendListener } from './append-queue.ts'
import { compileTemplate } from './compile-template.ts'
import { LogTopic } from '../log-topic.ts'
import { ErrorTolerance } from '../task/error-tolerance.ts'
import { parseJsonObject } from '../../api/json/json-text.ts'
import { loadRecordConverters } from '../task/record-converters.ts'
import { reportMetrics } from '../reported-metrics.ts'
import { SourceMeter } from './source-meter.ts'
import { SourceRecordEncoder } from './source-record-encoder.ts'
import { transactionIntervalMs } from '../task/task-client.ts'
import { TaskLife } from '../task/task-life.ts'
import type { TaskEnvironment, TaskRunner } from '../task/task-runner.ts'
import { RunTracing } from '../tracing/run-tracing.ts'
import { SourceTracing } from '../tracing/source-tracing.ts'
import { nowMs } from '../tracing/tracer.ts'
import { TopicCreation } from './topic-creation.ts'
import { loadTransformationChain, type TransformationChain } from '../task/transformation-chain.ts'
import { WrittenTopics } from './written-topics.ts'

/** Runs one source task: start, then poll, encode and append until it is stopped. */
export class SourceTaskRunner implements TaskRunner {
  readonly #environment: TaskEnvironment
  readonly #life: TaskLife
  readonly #topics: WrittenTopics
  readonly #appends: AppendQueue
  readonly #counts: SourceMeter
  readonly #tracing: SourceTracing | null
  #task: SourceTask | null = null
  #chain: TransformationChain | null = null

  constructor(environment: TaskEnvironment) {
    this.#environment = environment
    this.#life = new TaskLife(environment)
    const counts = (this.#counts = new SourceMeter(environment.meter))
    const { tracer, spec } = environment
    const tracing = (this.#tracing = tracer === null ? null : new SourceTracing(tracer, spec.id))
    const listener: AppendListener = {
      onDurable: (offset) => this.#task?.commit(offset),
      onFailure: (error) => this.#life.fail(error),
      onBegun: tracing === null ? undefined : (batches) => tracing.appending(batches),
      onEnded: (append) => {
        counts.appended(append)
        tracing?.appended(append)
      },
    }
    const { id, connectorConfig, worker } = spec
    const gatherMs = transactionIntervalMs(connectorConfig, worker)
    this.#topics = new WrittenTopics(environment.log, { connector: id.connector, ids: spec.topicIds })
    this.#appends = new AppendQueue(this.#topics, id.connector, listener, gatherMs)
  }

  run(): Promise<void> {
    return this.#life.run(
      () => this.#work(),
      async () => {
        await this.#appends.abandon()
        this.#counts.reset()
        await this.#stopTask()
      },
    )
  }

  pause(): void {
    this.#life.pause()
  }

  resume(): void {
    this.#life.resume()
  }

  forgetTopics(): void {
    this.#life.forgetTopics()
  }

  async stop(timeoutMs: number): Promise<void> {
    const timeUp = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => timeUp.resolve(undefined), timeoutMs)
    // What the source has handed over becomes durable and is acknowledged before the connection goes.
    await Promise.race([this.#appends.drain(), timeUp.promise, this.#life.ended])
    void this.#appends.abandon()
    this.#life.stop()
    await Promise.race([this.#stopTask().then(() => this.#life.ended), timeUp.promise])
    clearTimeout(timer)
  }

  async #work(): Promise<void> {
    const { spec, catalogue, logger, meter, tracer } = this.#environment
    const { signal } = this.#life
    this.#counts.reset()
    if (!(await this.#life.passed())) return
    const plugin = (await catalogue.loadConnector(spec.connectorClass)) as SourceConnectorPlugin
    const createTask = await plugin.loadTask()
    const converters = await loadRecordConverters(spec.connectorConfig, spec.worker, catalogue)
    const tracing = tracer === null ? null : new RunTracing(tracer, spec.id)
    const chain = (this.#chain = await loadTransformationChain(spec.connectorConfig, catalogue, {
      log: logger,
      tracing,
    }))
    const creationEnabled = spec.worker.options['topic.creation.enable']
    const topics = new TopicCreation(this.#topics, spec.connectorConfig, creationEnabled)
    const tolerance = new ErrorTolerance(spec.connectorConfig, { task: spec.id, logger, signal, meter })
    const encoder = new SourceRecordEncoder({ chain, converters, topics, tolerance })
    const context: SourceTaskContext = {
      connectorName: spec.id.connector,
      taskId: spec.id.task,
      log: logger,
      signal,
      offset: (partition) => this.#storedOffset(partition),
      compile: (template: RecordTemplate) => compileTemplate(template, { chain, converters, topics }),
      metrics: (group) => reportMetrics(group, this.#environment.onMetrics),
      openTopic: (place) => this.#openTopic(place),
      tracing,
    }
    if (signal.aborted) return
    await this.#environment.begin()
    if (signal.aborted) return
    const task = (this.#task = createTask())
    await task.start(spec.taskConfig, context)
    if (signal.aborted) return
    this.#life.started()
    await this.#pollUntilStopped(task, encoder)
  }

  async #openTopic({ topic, group, cluster }: TopicSourceOptions): Promise<TopicSource> {
    const { log, openCluster } = this.#environment
    if (cluster === null) return new LogTopic(log, { topic, group, isOwned: false })
    return new LogTopic(await openCluster(cluster), { topic, group, isOwned: true })
  }

  async #pollUntilStopped(task: SourceTask, encoder: SourceRecordEncoder): Promise<void> {
    while (await this.#life.passed()) {
      const startedMs = performance.now()
      const askedMs = this.#tracing === null ? 0 : nowMs()
      const batch = await task.poll()
      if (batch === null) {
        // "Nothing yet" from a source that does not wait must not starve the thread's other tasks.
        await setImmediate()
        continue
      }
      this.#counts.polled(batch, performance.now() - startedMs)
      const readMs = this.#tracing === null ? 0 : nowMs()
      // Polled while the pause came in: it stays here until the connector resumes.
      if (!(await this.#life.passed())) return
      const batches = await this.#encode(batch, encoder)
      this.#tracing?.polled(batches, askedMs, readMs)
      await this.#appends.add(batches, batch)
    }
  }

  async #encode({ parts }: SourceBatch, encoder: SourceRecordEncoder): Promise<readonly PartitionBatch[]> {
    const batches: PartitionBatch[] = []
    for (const part of parts) {
      if (part.kind === 'encoded') batches.push(part)
      else batches.push(...(await encoder.encode(part.records)))
    }
    for (const { topic } of batches) this.#life.used(topic, this.#topics.idOf(topic))
    this.#counts.encoded(batches)
    return batches
  }

  async #storedOffset(partition: JsonObject): Promise<JsonObject | null> {
    const { log, spec } = this.#environment
    const offsets = await log.readState(SOURCE_OFFSETS)
    const text = offsets.get(sourceOffsetKey(spec.id.connector, partition))
    if (text === undefined) return null
    this.#topics.goesOn()
    return parseJsonObject(text)
  }

  async #stopTask(): Promise<void> {
    try {
      await this.#task?.stop()
    } catch (error) {
      this.#environment.logger.warn({ err: error }, 'A source task failed while it was stopped')
    }
    this.#chain?.close()
    this.#chain = null
  }
}
