import type { MessagePort } from 'node:worker_threads'
import type { TaskLogger } from '../../api/source-task.ts'
import type { Log } from '../../log/log.ts'
import type { TaskLog } from '../../log/task-log.ts'
import { boundLogger } from '../bound-logger.ts'
import { hidingLogger } from '../config-providers/hiding-logger.ts'
import { SecretValues } from '../config-providers/secret-values.ts'
import { taskFailure } from './failure-trace.ts'
import { collectWhenIdle } from './idle-collector.ts'
import { PluginCatalogue, type PluginCatalogueEntry } from '../plugin-catalogue.ts'
import { TaskMeter } from './task-meter.ts'
import { openTaskLog } from './task-client.ts'
import { JobThread } from '../jobs/job-thread.ts'
import type { TaskCode, TaskFailure, TaskSpec, ThreadCommand, ThreadReport } from './task-messages.ts'
import type { OpenCluster, TaskEnvironment, TaskRunner } from './task-runner.ts'
import { SpanOutbox } from '../tracing/span-outbox.ts'
import { Tracer } from '../tracing/tracer.ts'

export interface TaskThreadOptions {
  /** The port that the herder's `startTaskThread` was given. */
  readonly port: MessagePort
  /** This thread's own connection; closed when the thread is to end. */
  readonly log: Log
  readonly catalogue: readonly PluginCatalogueEntry[]
  readonly logger: TaskLogger
  readonly openCluster: OpenCluster
  /** The share of traces that is kept; null: nobody looks at any. */
  readonly tracedShare: number | null
}

/** Runs tasks as the herder says. Called once, by the entry module of a task thread. */
export function runTaskThread(options: TaskThreadOptions): void {
  const { port, log, catalogue: entries, logger, openCluster, tracedShare } = options
  collectWhenIdle()
  const catalogue = new PluginCatalogue(entries)
  const runners = new Map<number, TaskRunner>()
  const report = (message: ThreadReport): void => port.postMessage(message)
  const jobs = new JobThread({ log, catalogue, logger, report })
  const spans = new SpanOutbox((gathered) => report({ kind: 'spans', spans: gathered }))
  const tracer = tracedShare === null ? null : new Tracer(tracedShare, (span) => spans.add(span))

  /** The logs of runs, as their tasks use them. */
  const logs = new Map<number, TaskLog>()
  /** Runs whose code is being loaded, and whether they are to begin paused. */
  const loading = new Map<number, boolean>()

  /** Tasks that wait to hear whether they may write. */
  const waiting = new Map<number, PromiseWithResolvers<undefined>>()

  const begin = async (run: number, taskLog: TaskLog): Promise<void> => {
    if (taskLog.begin === null) return
    await taskLog.begin()
    if (!runners.has(run)) return
    const admitted = Promise.withResolvers<undefined>()
    waiting.set(run, admitted)
    report({ kind: 'begun', run })
    await admitted.promise
  }

  const admit = (run: number, refusal: TaskFailure | null): void => {
    if (refusal === null) waiting.get(run)?.resolve(undefined)
    else waiting.get(run)?.reject(new TaskRefusal(refusal))
    waiting.delete(run)
  }

  const start = async (spec: TaskSpec): Promise<void> => {
    const { run } = spec
    loading.set(run, spec.isPaused)
    try {
      const createRunner = await loadRunner(spec.type)
      const ownLogger = taskLogger(logger, spec)
      const meter = new TaskMeter(spec.meter)
      const taskLog = await openTaskLog(log, spec, { logger: ownLogger, meter })
      logs.set(run, taskLog)
      const isPaused = loading.get(run)
      // Stopped meanwhile.
      if (isPaused === undefined) return
      loading.delete(run)
      const runner = createRunner({
        spec: { ...spec, isPaused },
        log: taskLog.log,
        catalogue,
        logger: ownLogger,
        meter,
        begin: () => begin(run, taskLog),
        onStarted: () => runners.has(run) && report({ kind: 'started', run }),
        onPaused: () => runners.has(run) && report({ kind: 'paused', run }),
        onTopic: (topic, id) => runners.has(run) && report({ kind: 'topic', run, topic, id }),
        onWaiting: (reason) => {
          const shown = reason === null ? null : SecretValues.ofValues(spec.secrets).hide(reason)
          if (runners.has(run)) report({ kind: 'waiting', run, reason: shown })
        },
        onMetrics: (reported) => runners.has(run) && report({ kind: 'metrics', run, reported }),
        openCluster,
        tracer,
      })
      runners.set(run, runner)
      await runner.run()
    } catch (error) {
      const isWanted = loading.delete(run) || runners.delete(run)
      if (!isWanted) return
      const failure = error instanceof TaskRefusal ? error.failure : taskFailure(error)
      const trace = SecretValues.ofValues(spec.secrets).hide(failure.trace)
      report({ kind: 'failed', run, failure: { ...failure, trace } })
    } finally {
      await closeLog(run)
    }
  }

  const closeLog = async (run: number): Promise<void> => {
    const taskLog = logs.get(run)
    logs.delete(run)
    await taskLog?.close()
  }

  const setPaused = (run: number, isPaused: boolean): void => {
    if (loading.has(run)) loading.set(run, isPaused)
    else if (isPaused) runners.get(run)?.pause()
    else runners.get(run)?.resume()
  }

  const stop = async (run: number, timeoutMs: number): Promise<void> => {
    if (jobs.stop(run)) return
    const runner = runners.get(run)
    // From here on the task is not heard of any more, whatever it does when it is let go.
    runners.delete(run)
    loading.delete(run)
    waiting.get(run)?.reject(new Error('The task was stopped'))
    waiting.delete(run)
    try {
      await runner?.stop(timeoutMs)
    } catch (error) {
      logger.error({ err: error, run }, 'A task could not be stopped cleanly')
    }
    // What a task that does not stop has under way ends here.
    await closeLog(run)
    spans.flush()
    report({ kind: 'stopped', run })
  }

  port.on('message', (command: ThreadCommand) => {
    switch (command.kind) {
      case 'start':
        return void start(command.spec)
      case 'prepare':
        return void loadCode(command.code, catalogue)
      case 'startJob':
        return void jobs.start(command.job)
      case 'pause':
        return setPaused(command.run, true)
      case 'resume':
        return setPaused(command.run, false)
      case 'admit':
        return admit(command.run, command.refusal)
      case 'forgetTopics':
        return runners.get(command.run)?.forgetTopics()
      case 'stop':
        return void stop(command.run, command.timeoutMs)
      case 'exit':
        return void log.close().finally(() => port.close())
    }
  })
}

/** The herder does not let a task write; it knows best what that looks like. */
class TaskRefusal extends Error {
  readonly failure: TaskFailure

  constructor(failure: TaskFailure) {
    super(failure.trace)
    this.failure = failure
  }
}

function taskLogger(logger: TaskLogger, { id, secrets }: TaskSpec): TaskLogger {
  const bound = boundLogger(logger, { connector: id.connector, task: id.task })
  return secrets.length === 0 ? bound : hidingLogger(bound, SecretValues.ofValues(secrets))
}

async function loadCode({ type, connectorClass }: TaskCode, catalogue: PluginCatalogue): Promise<void> {
  try {
    await loadRunner(type)
    await (await catalogue.loadConnector(connectorClass)).loadTask()
  } catch {
    // The task that starts meets it again, and says so.
  }
}

/** Source and sink code are loaded by the threads that need them. */
async function loadRunner(type: TaskSpec['type']): Promise<(environment: TaskEnvironment) => TaskRunner> {
  switch (type) {
    case 'source': {
      const { SourceTaskRunner } = await import('../source/source-task-runner.ts')
      return (environment) => new SourceTaskRunner(environment)
    }
    case 'sink': {
      const { SinkTaskRunner } = await import('../sink/sink-task-runner.ts')
      return (environment) => new SinkTaskRunner(environment)
    }
  }
}
