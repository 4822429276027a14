import type { SinkTask } from '../../api/sink-task.ts'
import type { Consumer } from '../../log/log.ts'
import type { SinkPositions } from './sink-positions.ts'
import type { TaskMeter } from '../task/task-meter.ts'

/** A commit costs the log a sync that appends may have to wait for, so they keep this distance. */
const LEAST_INTERVAL_MS = 250
/** A restart repeats at most this much work, and `offset.flush.interval.ms` if that is less. */
const USUAL_INTERVAL_MS = 1000

/** Decides when a sink task's offsets are committed, and commits one set at a time. */
export class SinkCommits {
  readonly #task: SinkTask
  readonly #consumer: Consumer
  readonly #positions: SinkPositions
  readonly #meter: TaskMeter
  readonly #onFailure: (error: unknown) => void
  readonly #intervalMs: number
  #timer: NodeJS.Timeout | null = null
  #dueAt = Infinity
  #lastAt = 0
  #running: Promise<void> | null = null
  #isClosed = false

  constructor(parts: {
    readonly task: SinkTask
    readonly consumer: Consumer
    readonly positions: SinkPositions
    readonly flushIntervalMs: number
    readonly meter: TaskMeter
    readonly onFailure: (error: unknown) => void
  }) {
    this.#task = parts.task
    this.#consumer = parts.consumer
    this.#positions = parts.positions
    this.#meter = parts.meter
    this.#onFailure = parts.onFailure
    this.#intervalMs = Math.min(parts.flushIntervalMs, USUAL_INTERVAL_MS)
  }

  /** Something was put: it is committed within the interval, as far as it is stored by then. */
  worked(): void {
    this.#schedule(this.#intervalMs)
  }

  /** The task asks: at once, unless the last commit was a moment ago. */
  requested(): void {
    this.#schedule(Math.max(0, this.#lastAt + LEAST_INTERVAL_MS - performance.now()))
  }

  /** Commits what is stored. Rejects where the log cannot. */
  async commit(): Promise<void> {
    while (this.#running !== null) await this.#running
    this.#running = this.#commitStored()
    try {
      await this.#running
    } catch (error) {
      this.#meter.observe('offset-commit-success', 0)
      throw error
    } finally {
      this.#running = null
    }
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
  }

  async #commitStored(): Promise<void> {
    this.#cancel()
    const startedMs = (this.#lastAt = performance.now())
    const stored = await this.#task.preCommit(this.#positions.all())
    const offsets = this.#positions.uncommitted(stored)
    if (offsets.length > 0) {
      this.#meter.add('offset-commit-seq-no')
      await this.#consumer.commit(offsets)
      this.#positions.committed(offsets)
      this.#meter.add('offset-commit-completion-total')
      this.#meter.observe('offset-commit-success', 1)
      this.#meter.observe('offset-commit-time-ms', performance.now() - startedMs)
      this.#meter.set('sink-record-active-count', this.#positions.active)
    }
    if (this.#positions.isBehind) this.worked()
  }

  #schedule(delayMs: number): void {
    const dueAt = performance.now() + delayMs
    if (this.#isClosed || dueAt >= this.#dueAt) return
    this.#cancel()
    this.#dueAt = dueAt
    this.#timer = setTimeout(() => {
      this.#dueAt = Infinity
      this.#timer = null
      this.commit().catch(this.#onFailure)
    }, delayMs)
  }

  #cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#dueAt = Infinity
  }
}
