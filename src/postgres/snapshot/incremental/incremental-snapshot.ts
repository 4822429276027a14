import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../../api/record.ts'
import type { Notifications } from '../../notification/notifications.ts'
import type { ControlConnection } from '../../replication/control-connection.ts'
import { nowUs, type SourceSession } from '../../source-session.ts'
import { describeTable, type CollectionTable, type DescribedTable } from './describe-table.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ChunkQueue } from './chunk-queue.ts'
import { ChunkWindow } from './chunk-window.ts'
import type { IncrementalMeter } from './incremental-meter.ts'
import { readProgress, writeProgress, type SnapshotCollection } from './incremental-progress.ts'
import { TableProgress } from './table-progress.ts'
import { type TableOutcome, WantedTables } from './wanted-tables.ts'
import type { Watermarks } from './watermarks.ts'

export interface IncrementalSnapshotPorts {
  readonly control: ControlConnection
  readonly notifications: Notifications
  readonly watermarks: Watermarks
  readonly meter: IncrementalMeter
  /** There is something new to emit. */
  pump(): void
  /** There is something new to store, perhaps with records. */
  wake(): void
  /** Nothing can go on. */
  fail(error: unknown): void
}

/** A chunk whose rows never rest is to come to its end. */
const MOST_READ_AGAIN = 20

/**
 * Reads tables chunk by chunk while the stream goes on. Every chunk stands between two watermarks of the stream; of the
 * rows that both bring, the stream's count.
 */
export class IncrementalSnapshot {
  readonly #session: SourceSession
  readonly #ports: IncrementalSnapshotPorts
  /** What is read and not emitted yet; the stream tells it what it brings. */
  readonly queue = new ChunkQueue()
  readonly #tables: WantedTables
  /** Of the first table. */
  readonly #at = new TableProgress()
  /** Grows when what is under way is not wanted any more. */
  #generation = 0
  /** How often the chunk at hand was, in a row. */
  #readAgainForValues = 0
  #isWorking = false
  #isClosed = false
  #reader: ChunkReader | null = null
  #roomy = Promise.withResolvers<void>()

  constructor(session: SourceSession, ports: IncrementalSnapshotPorts) {
    this.#session = session
    this.#ports = ports
    const { notifications, meter } = ports
    this.#tables = new WantedTables({ log: session.context.log, notifications, meter })
  }

  /** Takes over where an offset says that a snapshot was. */
  restore(offset: JsonObject): void {
    const stored = readProgress(offset)
    if (stored === null) return
    this.#tables.restore(stored)
    this.#at.restore(stored)
  }

  get isRunning(): boolean {
    return this.#tables.first !== null
  }

  /** Still to be read, or being read. */
  get tables(): readonly string[] {
    return this.#tables.ids
  }

  start(): void {
    this.#work()
  }

  add(collections: readonly SnapshotCollection[], correlationId: string): void {
    if (this.#tables.add(collections, correlationId)) this.#work()
  }

  /** @param isStopped which tables; those at hand as well */
  stop(isStopped: (id: string) => boolean): void {
    const { first } = this.#tables
    this.#tables.stop(isStopped)
    if (this.#tables.first !== first) this.#leaveTable()
    this.#proceed()
  }

  pause(): void {
    this.#tables.pause()
  }

  resume(): void {
    this.#tables.resume()
    this.#proceed()
  }

  close(): void {
    this.#isClosed = true
    this.#reader?.close()
    this.#proceed()
  }

  /** Emits what may be emitted, as long as the batch has room. */
  pump(): void {
    const { first } = this.queue
    if (first === null ? !this.#at.isRead : !first.isReady) return
    const { position, batch, options } = this.#session
    const streamed = { ...position }
    position.snapshot = 'incremental'
    position.lsn = position.lastCommitLsn ?? position.lsn
    position.sourceTimeUs = position.processedTimeUs = nowUs()
    this.#emitWindows(() => batch.bytes < options.batchBytes)
    Object.assign(position, streamed)
    if (this.#at.isRead && this.queue.first === null) this.#tableCompleted('SUCCEEDED')
  }

  /** What is added to offsets. */
  offset(): JsonObject {
    if (!this.isRunning) return {}
    return writeProgress({ ...this.#at.stored(), ...this.#tables.stored })
  }

  #emitWindows(hasRoom: () => boolean): void {
    const { queue } = this
    for (let window = queue.first; window?.isReady === true; window = queue.first) {
      if (!window.isEmitting && !queue.isCurrent(window)) return this.#readAgain(window)
      if (!window.isEmitting && window.leavesOutValues && this.#readAgainForValues++ < MOST_READ_AGAIN)
        return this.#readAgain(window)
      if (!window.isEmitting) this.#begin(window)
      const isDone = window.emit(hasRoom)
      this.#at.lastKey = window.emittedKey ?? this.#at.lastKey
      if (!isDone) return
      this.#readAgainForValues = 0
      queue.shift()
      this.#proceed()
    }
  }

  #begin(window: ChunkWindow): void {
    window.isEmitting = true
    if (window.rows === 0) return
    this.#ports.meter.chunk(window.rows, window.after, window.lastKey)
    this.#tables.progressed({
      ...this.#at.table!.chunkEmitted(window.rows),
      maximumKey: this.#at.maximumKey!,
      lastKey: window.lastKey!,
    })
  }

  /** Its rows, and what was read after them. */
  #readAgain(window: ChunkWindow): void {
    this.#session.context.log.debug({ table: window.table.relation.table }, 'a chunk is read again')
    this.queue.clear()
    this.#generation++
    this.#at.goBack(window.after)
    this.#proceed()
  }

  #work(): void {
    if (this.#isWorking || this.#isClosed) return
    this.#isWorking = true
    this.#readTables()
      .catch((error: unknown) => {
        const isWanted = !this.#isClosed && !this.#session.signal.aborted
        this.close()
        if (isWanted) this.#ports.fail(error)
      })
      .finally(() => {
        this.#isWorking = false
        // More was asked for while it ended.
        if (this.isRunning) this.#work()
      })
  }

  async #readTables(): Promise<void> {
    while (this.isRunning && !this.#isClosed) {
      // Taken before looking, so that nothing is missed.
      const roomy = this.#roomy.promise
      if (this.#tables.isPaused || this.#at.isRead || !this.queue.hasRoom) {
        await this.#reader?.closeLast()
        await roomy
        continue
      }
      const generation = this.#generation
      const { table } = this.#at
      if (table === null) await this.#beginTable(generation)
      else await this.#readChunk(table, generation)
      this.#ports.pump()
    }
    this.#reader?.close()
    this.#reader = null
  }

  async #beginTable(generation: number): Promise<void> {
    const collection = this.#tables.first!
    const found = await this.#describe(collection)
    if (generation !== this.#generation) return
    if (found.kind === 'skipped') return this.#tableCompleted(found.status)
    const at = this.#at
    if (at.begin(found.table, found.maximumKey)) {
      this.#session.context.log.warn(
        { table: collection.id },
        'the key in the stored offset cannot be read: the incremental snapshot of this table begins again',
      )
    }
    if (at.maximumKey === null) this.#tableCompleted('EMPTY')
    else this.#ports.meter.tableBegun(at.cursor, at.maximumKey)
  }

  #describe(collection: SnapshotCollection): Promise<DescribedTable> {
    const { control, notifications } = this.#ports
    return describeTable(this.#session, { control, notifications, reader: this.#chunks() }, collection)
  }

  #chunks(): ChunkReader {
    return (this.#reader ??= new ChunkReader(this.#session, this.#ports.watermarks))
  }

  async #readChunk(table: CollectionTable, generation: number): Promise<void> {
    const { log } = this.#session.context
    const at = this.#at
    const window = new ChunkWindow(randomUUID(), table.window, at.cursor)
    this.queue.push(window)
    if (this.#ports.watermarks.kind === 'position') this.queue.record(window)
    const outcome = await this.#chunks().read(window, this.#tables.first!, at.maximumKey!)
    if (generation !== this.#generation) return
    if (outcome.kind === 'failed') {
      log.warn(
        { table: this.#tables.first!.id, err: outcome.error },
        'the incremental snapshot of a table failed: it is skipped, streaming goes on',
      )
      return this.#tableCompleted('SQL_EXCEPTION')
    }
    if (outcome.kind === 'changed') return this.#describeAgain(window, generation)
    window.isRead = true
    at.cursor = window.lastKey ?? at.cursor
    at.isRead = outcome.isLast
    if (window.closesAt !== null) this.#ports.watermarks.seek()
  }

  /** The table has another definition than when the chunk's query was made. */
  async #describeAgain(window: ChunkWindow, generation: number): Promise<void> {
    const collection = this.#tables.first!
    const found = await this.#describe(collection)
    if (generation !== this.#generation) return
    this.queue.dropFrom(window)
    if (found.kind === 'skipped') return this.#tableCompleted(found.status)
    if (this.#at.redefine(found.table)) return
    this.#session.context.log.warn(
      { table: collection.id },
      'the key of a table changed: its incremental snapshot begins again',
    )
    this.#leaveTable()
  }

  /** Nothing more of the first collection's rows is wanted. */
  #leaveTable(): void {
    this.#generation++
    this.queue.clear()
    this.#at.leave()
  }

  #tableCompleted(status: TableOutcome): void {
    if (!this.isRunning) return
    this.#tables.completed(status, this.#at.table?.counts ?? { rows: 0, total: null })
    this.#leaveTable()
    this.#proceed()
    this.#ports.wake()
  }

  #proceed(): void {
    this.#roomy.resolve()
    this.#roomy = Promise.withResolvers()
  }
}
