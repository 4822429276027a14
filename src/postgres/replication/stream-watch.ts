import type { ConnectError } from '../../api/errors.ts'
import type { Metrics } from '../../api/metrics.ts'
import type { SourceSession } from '../source-session.ts'
import type { SlotHealth } from './slot-health.ts'
import { SlotMonitor, type SlotWatcher } from './slot-monitor.ts'
import type { StreamReader } from './stream-reader.ts'

/** As slow, a walsender is not what holds a stream up. */
const LEAST_CHANGES_PER_SECOND = 5000

/** What follows from how the slot is while the task streams. */
export class StreamWatch implements SlotWatcher {
  readonly #session: SourceSession
  readonly #task: StreamOwner
  readonly #monitor: SlotMonitor
  readonly #metrics: Metrics<'backlog' | 'position'>
  #lookedAtMs = performance.now()
  #changes = 0
  #wasFarBehind = false
  #isFailed = false

  private constructor(session: SourceSession, task: StreamOwner) {
    this.#session = session
    this.#task = task
    this.#metrics = session.context.metrics({
      prefix: 'tailrace_postgres_stream_',
      labels: { connector: session.context.connectorName, slot: session.options.slotName },
      metrics: {
        backlog: { type: 'gauge', help: 'Bytes of WAL of which the changes are not in topics yet' },
        position: { type: 'gauge', help: 'LSN up to which all changes are in topics' },
      },
    })
    this.#monitor = new SlotMonitor(session, this)
  }

  /** Resolves when the first change may come. */
  static async start(session: SourceSession, task: StreamOwner): Promise<StreamWatch> {
    const watch = new StreamWatch(session, task)
    await watch.#monitor.begin()
    if (session.options.xminFetchIntervalMs > 0) await watch.#monitor.look()
    return watch
  }

  close(): void {
    this.#monitor.close()
  }

  seen({ walEnd }: SlotHealth): void {
    const stream = this.#task.stream()
    const { options, meter, context } = this.#session
    if (stream !== null) this.#report(walEnd, stream.durableUpTo)
    const nowMs = performance.now()
    const perSecond = ((meter.changes - this.#changes) * 1000) / (nowMs - this.#lookedAtMs)
    this.#lookedAtMs = nowMs
    this.#changes = meter.changes
    const isFarBehind =
      stream !== null &&
      options.catchUpBytes > 0n &&
      walEnd - stream.readUpTo > options.catchUpBytes &&
      perSecond > LEAST_CHANGES_PER_SECOND
    // Twice: a burst that is over soon is not worth it.
    if (isFarBehind && this.#wasFarBehind && stream.canCatchUp) {
      context.log.info({ slot: options.slotName, lsn: stream.readUpTo, walEnd }, 'streaming falls behind')
      stream.end()
    }
    this.#wasFarBehind = isFarBehind
  }

  /** For metrics, and for the worker's health: it looks for connectors that have a backlog and stand still. */
  #report(walEnd: bigint, durableUpTo: bigint): void {
    this.#metrics.set('backlog', walEnd > durableUpTo ? Number(walEnd - durableUpTo) : 0)
    this.#metrics.set('position', Number(durableUpTo))
  }

  failed(error: ConnectError, dropSlot: boolean): void {
    if (this.#isFailed) return
    this.#isFailed = true
    this.close()
    void this.#fail(error, dropSlot)
  }

  async #fail(error: ConnectError, dropSlot: boolean): Promise<void> {
    const stream = this.#task.stream()
    stream?.letGo()
    if (dropSlot) await this.#task.dropSlot()
    stream?.fail(error)
  }
}

export interface StreamOwner {
  stream(): StreamReader | null
  /** Never rejects. */
  dropSlot(): Promise<void>
}
