import type { ConnectorConfig } from '../api/config-def.ts'
import { RetriableError } from '../api/errors.ts'
import type { JsonObject } from '../api/record.ts'
import type { SourceBatch, SourceTask, SourceTaskContext } from '../api/source-task.ts'
import { positionOfNothing } from './envelope/change-position.ts'
import { LeftOutChanges } from './envelope/left-out-changes.ts'
import { SourceBatchBuilder } from './envelope/source-batch-builder.ts'
import { TransactionOrder } from './envelope/transaction-order.ts'
import { withMetricTags } from './metric-tags.ts'
import { parsePostgresOptions } from './options/postgres-options.ts'
import { unsupportedOptions } from './options/unsupported-options.ts'
import { ControlConnection } from './replication/control-connection.ts'
import { aborted, pause } from './replication/pause.ts'
import { dropSlot, readSlot } from './replication/slot.ts'
import { StreamWatch } from './replication/stream-watch.ts'
import { Timeline } from './replication/timeline.ts'
import { StreamMeter } from './replication/stream-meter.ts'
import type { SourceOffset } from './replication/source-offset.ts'
import type { StartPlan } from './replication/start-plan.ts'
import { beginStreaming, createStreamSlot } from './replication/begin-streaming.ts'
import type { StreamReader } from './replication/stream-reader.ts'
import { InitialSnapshot } from './snapshot/initial-snapshot.ts'
import type { KnownTables } from './snapshot/known-tables.ts'
import { SnapshotMeter } from './snapshot/snapshot-meter.ts'
import { Notifications } from './notification/notifications.ts'
import { StreamSignals } from './signal/stream-signals.ts'
import { BlockingSnapshot } from './snapshot/blocking-snapshot.ts'
import { prepareStart } from './prepare-start.ts'
import type { SourceSession } from './source-session.ts'

/** The task of the PostgreSQL connector. Loaded in the thread that runs it. */
export function createPostgresSourceTask(): SourceTask {
  return new PostgresSourceTask()
}

/** Snapshot, then stream: each phase is polled until it says that it is over. */
class PostgresSourceTask implements SourceTask {
  readonly #stopping = new AbortController()
  #run: TaskRun | null = null

  async start(config: ConnectorConfig, untagged: SourceTaskContext): Promise<void> {
    const options = parsePostgresOptions(config)
    const context = withMetricTags(untagged, options.metricTags)
    const withoutEffect = unsupportedOptions(config)
    if (withoutEffect.length > 0)
      context.log.warn({ options: withoutEffect }, 'options have no effect in this version')
    const position = positionOfNothing()
    const leftOut = new LeftOutChanges()
    const session: SourceSession = {
      options,
      context,
      partition: { server: options.topicPrefix },
      position,
      batch: new SourceBatchBuilder(),
      timeline: new Timeline(),
      meter: new StreamMeter({ context, options, position, leftOut }),
      leftOut,
      order: options.provideTransactionMetadata ? new TransactionOrder(position) : null,
      signal: AbortSignal.any([this.#stopping.signal, context.signal]),
    }
    const run = (this.#run = new TaskRun(session))
    try {
      await run.prepare()
    } catch (error) {
      run.close()
      if (!session.signal.aborted) throw error
    }
  }

  async poll(): Promise<SourceBatch | null> {
    return (await this.#run?.poll()) ?? null
  }

  commit(offset: JsonObject): void {
    this.#run?.commit(offset)
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    await this.#run?.stop()
  }
}

/** One run of the task, from its start to its stop. */
class TaskRun {
  readonly #session: SourceSession
  readonly #control: ControlConnection
  readonly #meter: SnapshotMeter
  #plan: StartPlan = { kind: 'snapshot', resume: null }
  #snapshot: InitialSnapshot | null = null
  #stream: StreamReader | null = null
  #blocking: BlockingSnapshot | null = null
  readonly #notifications: Notifications
  #signals: StreamSignals | null = null
  #stored: JsonObject | null = null
  #known: KnownTables | null = null
  #watch: StreamWatch | null = null
  /** The last offset of the snapshot, once it is complete. */
  #snapshotOffset: SourceOffset | null = null

  constructor(session: SourceSession) {
    this.#session = session
    this.#control = new ControlConnection(session)
    this.#notifications = new Notifications(session.options, session.context, session.batch)
    this.#meter = new SnapshotMeter(session)
    session.signal.addEventListener('abort', () => this.close(), { once: true })
  }

  async prepare(): Promise<void> {
    const start = await prepareStart(this.#session, await this.#control.get())
    this.#plan = start.plan
    this.#stored = start.stored
    this.#known = start.known
    if (start.plan.kind === 'snapshot') return
    this.#meter.skipped()
    this.#notifications.snapshotSkipped()
  }

  async poll(): Promise<SourceBatch | null> {
    const { signal } = this.#session
    try {
      while (!signal.aborted) {
        const batch = await this.#pollPhase()
        if (batch !== null) return batch
      }
    } catch (error) {
      this.close()
      // Closed connections fail in many ways, all of them wanted.
      if (!signal.aborted) throw error
    }
    // Also what was opened while the task was being stopped.
    this.close()
    return null
  }

  commit(offset: JsonObject): void {
    this.#stream?.commit(offset)
  }

  /** Lets go of the server, without waiting for anything. */
  close(): void {
    this.#snapshot?.close()
    this.#blocking?.close()
    this.#signals?.close()
    this.#stream?.close()
    this.#watch?.close()
    this.#control.close()
  }

  async stop(): Promise<void> {
    this.close()
    if (this.#session.options.slotDropOnStop) await this.#dropSlot()
  }

  /** Null: the phase is over, the next one may begin. */
  async #pollPhase(): Promise<SourceBatch | null> {
    if (this.#stream !== null) return this.#pollStream(this.#stream)
    if (this.#plan.kind === 'snapshot' && this.#snapshotOffset === null) {
      const { resume } = this.#plan
      this.#snapshot ??= await InitialSnapshot.begin(this.#session, this.#control, {
        resume,
        known: this.#known,
        meter: this.#meter,
        notifications: this.#notifications,
      })
      const batch = await this.#snapshot.poll()
      if (batch !== null) return batch
      this.#snapshotOffset = this.#snapshot.offset
      this.#snapshot = null
    }
    this.#stream = await this.#beginStream()
    return null
  }

  async #pollStream(stream: StreamReader): Promise<SourceBatch | null> {
    const batch = this.#blocking === null ? await stream.poll() : null
    if (batch !== null) return batch
    if (stream.isPaused) return this.#pollBlocking(stream)
    const { next } = stream
    if (next !== null) this.#stream = await beginStreaming(this.#session, this.#control, next)
    return null
  }

  /** Reads the blocking snapshot that the stream waits for; then the stream goes on. */
  async #pollBlocking(stream: StreamReader): Promise<SourceBatch | null> {
    const { blocking } = this.#signals!
    try {
      this.#blocking ??= await BlockingSnapshot.begin(this.#session, this.#control, {
        blocking: blocking.first!,
        offset: (isCompleted) => {
          // Forgotten together with its last row.
          if (isCompleted) blocking.completed()
          return stream.offsetJson()
        },
        meter: this.#meter,
        notifications: this.#notifications,
      })
      const batch = await this.#blocking.poll()
      if (batch !== null) return batch
    } catch (error) {
      this.#blocking?.close()
      if (this.#session.signal.aborted || error instanceof RetriableError) throw error
      const { id, tables } = blocking.first!
      blocking.completed()
      this.#session.context.log.warn(
        { id, tables, err: error },
        'a blocking snapshot failed: it is skipped, streaming goes on',
      )
    }
    this.#blocking = null
    stream.resume()
    return null
  }

  async #beginStream(): Promise<StreamReader> {
    const { options, signal } = this.#session
    // Nothing follows the snapshot: wait until the task is stopped.
    if (!options.snapshotPolicy.thenStream) await aborted(signal)
    await pause(options.streamingDelayMs, signal)
    const offset =
      this.#snapshotOffset ??
      (this.#plan.kind === 'stream'
        ? this.#plan.offset
        : await createStreamSlot(this.#session, this.#control))
    // What a snapshot of this run has read needs nothing of what was under way before.
    const stored = this.#snapshotOffset === null ? this.#stored : null
    const signals = (this.#signals = new StreamSignals(this.#session, {
      stored,
      known: this.#known,
      notifications: this.#notifications,
      meter: this.#meter,
    }))
    this.#watch = await StreamWatch.start(this.#session, {
      stream: () => this.#stream,
      dropSlot: () => this.#dropSlot(),
    })
    return beginStreaming(this.#session, this.#control, { offset, isCatchUpRefused: false, isCaughtUp: false, signals }) // prettier-ignore
  }

  async #dropSlot(): Promise<void> {
    const { options, context } = this.#session
    const session = { ...this.#session, signal: AbortSignal.timeout(5000) }
    const control = new ControlConnection(session)
    try {
      // The walsender needs a moment to see that its client is gone.
      for (const connection = await control.get(); ; await pause(20, session.signal)) {
        if ((await readSlot(connection, options))?.activePid == null) break
      }
      await dropSlot(await control.get(), options.slotName)
    } catch (error) {
      context.log.warn({ err: error, slot: options.slotName }, 'the replication slot could not be dropped')
    } finally {
      control.close()
    }
  }
}
