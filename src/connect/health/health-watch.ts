import type { TaskLogger } from '../../api/source-task.ts'
import type { ConnectorStatus, Herder } from '../herder.ts'
import { readMetrics } from '../reported-metrics.ts'
import { sinkLag } from './sink-lag.ts'

/** Something that somebody should look at. */
export interface HealthProblem {
  readonly connector: string
  /** Null: it concerns the connector as a whole. */
  readonly task: number | null
  readonly reason: string
}

/** Where a connector stood when it was last seen moving. */
interface Progress {
  readonly marks: string
  readonly sinceMs: number
  /** What there is to do now; null: nothing, or nobody knows. */
  readonly todo: string | null
}

const LOOK_EVERY_MS = 10_000
/** How often something is looked at before it counts as standing still, at least. */
const LEAST_LOOKS = 4
/** By this name a source tells what its server has and it has not read yet, in units of its own. */
const BACKLOG = /(^|_)backlog$/
/** And by this one how far it is: a backlog may grow while nothing moves, or while all of it is passed over. */
const POSITION = /(^|_)position$/

export interface HealthWatchOptions {
  readonly herder: Herder
  readonly logger: TaskLogger
  /** How long something may stand still that has something to do. */
  readonly stalledAfterMs: number
  readonly now?: () => number
}

/**
 * Knows which connectors do not do what they should: failed, starting again and again, or running without moving though
 * there is something to move. Looks at the connectors that have tasks in this worker.
 */
export class HealthWatch implements Disposable {
  readonly #options: HealthWatchOptions
  readonly #now: () => number
  readonly #progress = new Map<string, Progress>()
  #timer: NodeJS.Timeout | null = null

  constructor(options: HealthWatchOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Looks now and then from now on. */
  begin(): void {
    const everyMs = Math.min(LOOK_EVERY_MS, this.#options.stalledAfterMs / LEAST_LOOKS)
    this.#timer = setInterval(() => void this.look(), everyMs).unref()
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** Never rejects: what cannot be looked at now is looked at the next time. */
  async look(): Promise<void> {
    const { herder, logger } = this.#options
    const names = herder.connectors()
    for (const name of this.#progress.keys()) if (!names.includes(name)) this.#progress.delete(name)
    for (const name of names) {
      try {
        await this.#lookAt(name)
      } catch (error) {
        logger.debug({ err: error, connector: name }, 'The progress of a connector could not be looked at')
      }
    }
  }

  problems(): readonly HealthProblem[] {
    const { herder } = this.#options
    return herder.connectors().flatMap((name) => {
      const status = herder.connectorStatus(name)
      return [...failures(status), ...this.#standstill(status)]
    })
  }

  async #lookAt(name: string): Promise<void> {
    const { herder } = this.#options
    const { connector, type } = herder.connectorStatus(name)
    const meters = herder.taskMeters(name)
    if (connector.state !== 'RUNNING' || meters.length === 0) {
      this.#progress.delete(name)
      return
    }
    const counted = meters.map(
      ({ meter }) => `${meter.value('source-record-poll-total')}/${meter.value('sink-record-send-total')}`,
    )
    const { todo, mark } = type === 'sink' ? await this.#sinkWork(name) : this.#sourceWork(name)
    const marks = [mark, ...counted].join(' ')
    const before = this.#progress.get(name)
    const hasMoved = before === undefined || before.marks !== marks || before.todo === null
    this.#progress.set(name, { marks, sinceMs: hasMoved ? this.#now() : before.sinceMs, todo })
  }

  async #sinkWork(name: string): Promise<{ readonly todo: string | null; readonly mark: string }> {
    const { herder } = this.#options
    const { records, committed } = await sinkLag(herder.log, name, herder.connectorInfo(name).config)
    return { todo: records === 0n ? null : `${records} records wait in its topics`, mark: String(committed) }
  }

  #sourceWork(name: string): { readonly todo: string | null; readonly mark: string } {
    const readings = this.#options.herder
      .taskMeters(name)
      .flatMap(({ reported }) => reported.flatMap((group) => readMetrics(group, Date.now())))
    const backlog = readings.flatMap(({ name, value }) => (BACKLOG.test(name) && value > 0 ? [value] : []))
    const positions = readings.flatMap(({ name, value }) => (POSITION.test(name) ? [value] : []))
    return backlog.length === 0
      ? { todo: null, mark: '' }
      : {
          todo: `its server has a backlog of ${Math.max(...backlog)}`,
          mark: (positions.length > 0 ? positions : backlog).join('/'),
        }
  }

  #standstill({ name, connector, tasks }: ConnectorStatus): readonly HealthProblem[] {
    const progress = this.#progress.get(name)
    const isRunning = connector.state === 'RUNNING' && tasks.some(({ state }) => state === 'RUNNING')
    if (progress === undefined || progress.todo === null || !isRunning) return []
    const stoodMs = this.#now() - progress.sinceMs
    if (stoodMs < this.#options.stalledAfterMs) return []
    const seconds = Math.round(stoodMs / 1000)
    return [
      { connector: name, task: null, reason: `It runs but did not move for ${seconds} s: ${progress.todo}` },
    ]
  }
}

function failures({ name, connector, tasks }: ConnectorStatus): readonly HealthProblem[] {
  const ofConnector =
    connector.state === 'FAILED'
      ? [{ connector: name, task: null, reason: `It failed: ${firstLine(connector.trace)}` }]
      : []
  const ofTasks = tasks.flatMap(({ id, state, trace, restarts }): readonly HealthProblem[] => {
    if (state === 'FAILED') return [{ connector: name, task: id, reason: `It failed: ${firstLine(trace)}` }]
    if (restarts === undefined || state === 'PAUSED') return []
    const times = restarts.count === 1 ? 'once' : `${restarts.count} times in a row`
    return [{ connector: name, task: id, reason: `It was started again ${times}: ${restarts.reason}` }]
  })
  return [...ofConnector, ...ofTasks]
}

function firstLine(trace: string | undefined): string {
  return trace?.split('\n', 1)[0] ?? 'without a reason'
}
