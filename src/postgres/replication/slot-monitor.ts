import { ConnectError, RetriableError } from '../../api/errors.ts'
import type { Metrics } from '../../api/metrics.ts'
import type { SourceSession } from '../source-session.ts'
import { ControlConnection } from './control-connection.ts'
import { PublicationWatch } from './publication-watch.ts'
import { SilenceError, SilenceWatch } from './silence.ts'
import { readSlotHealth, type SlotHealth } from './slot-health.ts'
import { WalGuard } from './wal-guard.ts'

export interface SlotWatcher {
  /** How far the slot is, at each look. */
  seen(health: SlotHealth): void
  /** The task cannot go on. @param dropSlot for the server's sake, the slot is not to stay */
  failed(error: ConnectError, dropSlot: boolean): void
}

type Gauge = 'retained_wal_bytes' | 'lag_bytes' | 'safe_wal_bytes'

/**
 * Looks at the slot every `status.update.interval.ms`: for metrics and the guard over the server's WAL, for `source.xmin`,
 * and because a server that does not answer is noticed by nothing else while no change comes. And at the publication.
 */
export class SlotMonitor {
  readonly #session: SourceSession
  /** Its own: behind somebody else's slow statement, a server that works would look dead. */
  readonly #connection: ControlConnection
  readonly #watcher: SlotWatcher
  readonly #guard: WalGuard
  readonly #publication: PublicationWatch
  readonly #metrics: Metrics<Gauge>
  readonly #timer: NodeJS.Timeout
  #isLooking = false
  #isClosed = false

  constructor(session: SourceSession, watcher: SlotWatcher) {
    this.#session = session
    this.#connection = new ControlConnection(session)
    this.#watcher = watcher
    const { options, context } = session
    this.#publication = new PublicationWatch(options)
    this.#guard = new WalGuard({ warnBytes: options.walGuardWarnBytes, maxBytes: options.walGuardMaxBytes })
    this.#metrics = context.metrics({
      prefix: 'tailrace_postgres_slot_',
      labels: { connector: context.connectorName, slot: options.slotName },
      metrics: {
        retained_wal_bytes: { type: 'gauge', help: 'WAL that the server keeps for the slot' },
        lag_bytes: { type: 'gauge', help: 'WAL that was not acknowledged yet' },
        safe_wal_bytes: {
          type: 'gauge',
          help: 'WAL that may still be written before the slot is lost; -1: it never is',
        },
      },
    })
    const { statusUpdateIntervalMs: status, xminFetchIntervalMs: xmin } = options
    this.#timer = setInterval(() => void this.look(), xmin > 0 ? Math.min(status, xmin) : status)
    this.#timer.unref()
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#connection.close()
  }

  /** What is published before the stream begins: what is taken out from here on is noticed. Never rejects. */
  begin(): Promise<void> {
    return this.#alone(async () => {
      await this.#publication.look(await this.#connection.get())
    })
  }

  /** Never rejects: what goes wrong is the watcher's. */
  look(): Promise<void> {
    return this.#alone(async () => {
      const health = await this.#read()
      if (health !== null && !this.#isClosed) this.#judge(health)
      const altered = await this.#publication.look(await this.#connection.get())
      if (altered !== null && !this.#isClosed) this.#watcher.failed(altered, false)
    })
  }

  async #alone(look: () => Promise<void>): Promise<void> {
    if (this.#isLooking || this.#isClosed) return
    this.#isLooking = true
    try {
      await look()
    } catch (error) {
      if (this.#isClosed) return
      if (error instanceof SilenceError) this.#watcher.failed(error, false)
      // Whether the stream goes on is not for this look to say.
      else this.#session.context.log.warn({ err: error }, 'the replication slot could not be looked at')
    } finally {
      this.#isLooking = false
    }
  }

  async #read(): Promise<SlotHealth | null> {
    const { options } = this.#session
    const { silenceTimeoutMs, hostname, port } = options
    const read = async (): Promise<SlotHealth | null> => readSlotHealth(await this.#connection.get(), options)
    if (silenceTimeoutMs === 0) return read()
    const silence = Promise.withResolvers<never>()
    // Not one long timer: time in which this process itself stood still does not count.
    const watch = new SilenceWatch(silenceTimeoutMs, {
      isDeaf: () => false,
      ask: () => {},
      giveUp: () => silence.reject(new SilenceError(`${hostname}:${port}`, silenceTimeoutMs)),
    })
    const reading = read()
    // It may fail later, when nobody waits for it any more.
    reading.catch(() => {})
    try {
      return await Promise.race([reading, silence.promise])
    } finally {
      watch.close()
    }
  }

  #judge(health: SlotHealth): void {
    const { options, context, position } = this.#session
    const metrics = this.#metrics
    metrics.set('retained_wal_bytes', health.retainedBytes)
    metrics.set('lag_bytes', health.lagBytes)
    metrics.set('safe_wal_bytes', health.safeBytes ?? -1)
    if (options.xminFetchIntervalMs > 0) position.xmin = health.catalogXmin
    this.#watcher.seen(health)
    const { retainedBytes, lagBytes, safeBytes } = health
    const verdict = this.#guard.judge(retainedBytes)
    if (verdict === 'warn') {
      context.log.warn(
        { slot: options.slotName, retainedBytes, lagBytes, safeBytes },
        'the server keeps much WAL for the slot: the connector is slow, or a transaction has been open for long',
      )
    }
    if (verdict === 'stop') this.#watcher.failed(this.#guardFailure(retainedBytes), true)
  }

  #guardFailure(retainedBytes: number): ConnectError {
    const { slotName, walGuardMaxBytes, snapshotPolicy } = this.#session.options
    const message =
      `The replication slot "${slotName}" made the server keep ${retainedBytes} bytes of WAL, more than ` +
      `wal.guard.max.bytes=${walGuardMaxBytes} allows: it was dropped, so that the server's disk does not fill. `
    return snapshotPolicy.onLostPosition
      ? new RetriableError('postgres.wal-guard', `${message}A new snapshot follows.`)
      : new ConnectError(
          'postgres.wal-guard',
          `${message}To go on, set snapshot.mode=when_needed: then a new snapshot is taken.`,
        )
  }
}
