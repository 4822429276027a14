import type { TaskLogger } from '../../../api/source-task.ts'
import type { Notifications } from '../../notification/notifications.ts'
import type { IncrementalMeter } from './incremental-meter.ts'
import type { SnapshotCollection, SnapshotProgress, StoredProgress } from './incremental-progress.ts'

export interface WantedTablesPorts {
  readonly log: TaskLogger
  readonly notifications: Pick<
    Notifications,
    | 'incrementalStarted'
    | 'incrementalPaused'
    | 'incrementalResumed'
    | 'incrementalAborted'
    | 'incrementalInProgress'
    | 'incrementalTableCompleted'
    | 'incrementalCompleted'
  >
  readonly meter: Pick<IncrementalMeter, 'started' | 'added' | 'paused' | 'tablesLeft' | 'ended'>
}

/** How the snapshot of a table ended. */
export type TableOutcome = 'SUCCEEDED' | 'EMPTY' | 'NO_PRIMARY_KEY' | 'UNKNOWN_SCHEMA' | 'SQL_EXCEPTION'

/** The tables that an incremental snapshot has still to read, the one at hand first. What becomes of them is told here. */
export class WantedTables {
  readonly #ports: WantedTablesPorts
  #collections: readonly SnapshotCollection[] = []
  /** Of the signal that asked last. */
  #correlationId: string | null = null
  #isPaused = false

  constructor(ports: WantedTablesPorts) {
    this.#ports = ports
  }

  /** Null: there is no snapshot. */
  get first(): SnapshotCollection | null {
    return this.#collections[0] ?? null
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  get ids(): readonly string[] {
    return this.#collections.map(({ id }) => id)
  }

  /** What goes with offsets. */
  get stored(): Pick<SnapshotProgress, 'collections' | 'correlationId'> {
    return { collections: this.#collections, correlationId: this.#correlationId }
  }

  restore({ collections, correlationId }: StoredProgress): void {
    this.#collections = collections
    this.#correlationId = correlationId
    this.#ports.meter.started(collections.length)
    this.#ports.log.info({ tables: this.ids }, 'incremental snapshot goes on')
  }

  /** True: reading is to begin, there were none before. */
  add(collections: readonly SnapshotCollection[], correlationId: string): boolean {
    const wasRunning = this.first !== null
    this.#collections = [...this.#collections, ...collections]
    this.#correlationId = correlationId
    if (collections.length === 0) return false
    const { meter, notifications } = this.#ports
    if (wasRunning) {
      meter.added(collections.length, this.#collections.length)
      return false
    }
    meter.started(collections.length)
    notifications.incrementalStarted(correlationId, this.ids)
    return true
  }

  /** @param isStopped which tables; the one at hand as well */
  stop(isStopped: (id: string) => boolean): void {
    const stopped = this.ids.filter(isStopped)
    if (stopped.length === 0) return
    const { log, meter, notifications } = this.#ports
    this.#collections = this.#collections.filter(({ id }) => !isStopped(id))
    notifications.incrementalAborted(this.#correlationId, stopped)
    log.info({ tables: stopped }, 'incremental snapshot stopped')
    meter.tablesLeft(this.#collections.length)
    if (this.first !== null) return
    this.#correlationId = null
    meter.ended('SnapshotAborted')
  }

  pause(): void {
    if (this.first === null || this.#isPaused) return
    this.#isPaused = true
    this.#ports.meter.paused(true)
    this.#ports.log.info({ tables: this.ids }, 'incremental snapshot paused')
    this.#ports.notifications.incrementalPaused(this.#correlationId, this.ids)
  }

  resume(): void {
    if (this.first === null || !this.#isPaused) return
    this.#isPaused = false
    this.#ports.meter.paused(false)
    this.#ports.log.info({ tables: this.ids }, 'incremental snapshot resumed')
    this.#ports.notifications.incrementalResumed(this.#correlationId, this.ids)
  }

  /** A chunk of the first one is emitted. */
  progressed(chunk: Parameters<Notifications['incrementalInProgress']>[2]): void {
    this.#ports.notifications.incrementalInProgress(this.#correlationId, this.ids, chunk)
  }

  /** The first one is done with. */
  completed(status: TableOutcome, counts: { readonly rows: number; readonly total: number | null }): void {
    const { first } = this
    if (first === null) return
    const { log, meter, notifications } = this.#ports
    notifications.incrementalTableCompleted(this.#correlationId, this.ids, {
      table: first.id,
      status,
      ...counts,
    })
    log.info({ table: first.id, status, rows: counts.rows }, 'incremental snapshot of a table ended')
    this.#collections = this.#collections.slice(1)
    meter.tablesLeft(this.#collections.length)
    if (this.first !== null) return
    meter.ended('SnapshotCompleted')
    notifications.incrementalCompleted(this.#correlationId)
    log.info({ id: this.#correlationId }, 'incremental snapshot completed')
    this.#correlationId = null
  }
}
