import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../../api/record.ts'
import type { Relation } from '../../catalog/relation.ts'
import type { OldTuple } from '../../envelope/relation-emitter.ts'
import type { Notifications } from '../../notification/notifications.ts'
import type { ControlConnection } from '../../replication/control-connection.ts'
import { SnapshotVisibility } from '../../replication/snapshot-visibility.ts'
import { FULL_BATCH_BYTES, nowUs, type SourceSession } from '../../source-session.ts'
import type { Tuple } from '../../wire/tuple.ts'
import { describeTable, type CollectionTable, type DescribedTable } from './describe-table.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ChunkWindow, identityColumns, placesOf, type WindowTable } from './chunk-window.ts'
import type { KeyTexts } from './chunk-query.ts'
import { DeliveredTransactions } from './delivered-transactions.ts'
import type { IncrementalMeter } from './incremental-meter.ts'
import type { JavaArrayValue } from './java-array.ts'
import {
  readProgress,
  writeProgress,
  type SnapshotCollection,
  type StoredProgress,
} from './incremental-progress.ts'
import type { Watermarks } from './watermarks.ts'

/** So many chunks, and bytes of them, are read ahead of the stream. */
const MOST_WINDOWS = 8
const MOST_BYTES = 16 * 1024 * 1024

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

/**
 * Reads tables chunk by chunk while the stream goes on. Every chunk stands between two watermarks of the stream; of the
 * rows that both bring, the stream's count.
 */
export class IncrementalSnapshot {
  readonly #session: SourceSession
  readonly #ports: IncrementalSnapshotPorts
  readonly #delivered = new DeliveredTransactions()
  /** Identity columns, by relation version. */
  readonly #identities = new WeakMap<Relation, readonly string[]>()
  /** Read, or being read; the first one is emitted first. */
  readonly #windows: ChunkWindow[] = []
  #collections: readonly SnapshotCollection[] = []
  #correlationId: string | null = null
  /** Of the first collection. */
  #table: CollectionTable | null = null
  #lastKey: KeyTexts | null = null
  #maximumKey: KeyTexts | null = null
  /** Where the next chunk begins. */
  #cursor: KeyTexts | null = null
  /** The last chunk of the table was asked for. */
  #isTableRead = false
  #stored: StoredProgress | null = null
  /** Grows when what is under way is not wanted any more. */
  #generation = 0
  #isPaused = false
  #isWorking = false
  #isClosed = false
  #reader: ChunkReader | null = null
  #roomy = Promise.withResolvers<void>()

  constructor(session: SourceSession, ports: IncrementalSnapshotPorts) {
    this.#session = session
    this.#ports = ports
  }

  /** Takes over where an offset says that a snapshot was. */
  restore(offset: JsonObject): void {
    const stored = readProgress(offset)
    if (stored === null) return
    this.#collections = stored.collections
    this.#correlationId = stored.correlationId
    this.#stored = stored
    this.#ports.meter.started(stored.collections.length)
    this.#session.context.log.info(
      { tables: stored.collections.map(({ id }) => id) },
      'incremental snapshot goes on',
    )
  }

  get isRunning(): boolean {
    return this.#collections.length > 0
  }

  /** Still to be read, or being read. */
  get tables(): readonly string[] {
    return this.#ids()
  }

  start(): void {
    this.#work()
  }

  add(collections: readonly SnapshotCollection[], correlationId: string): void {
    const wasRunning = this.isRunning
    this.#collections = [...this.#collections, ...collections]
    this.#correlationId = correlationId
    if (collections.length === 0) return
    const { meter } = this.#ports
    if (wasRunning) return meter.added(collections.length, this.#collections.length)
    meter.started(collections.length)
    this.#ports.notifications.incrementalStarted(correlationId, this.#ids())
    this.#work()
  }

  /** @param isStopped which tables; those at hand as well */
  stop(isStopped: (id: string) => boolean): void {
    const stopped = this.#collections.filter(({ id }) => isStopped(id)).map(({ id }) => id)
    if (stopped.length === 0) return
    const isCurrent = isStopped(this.#collections[0]!.id)
    this.#collections = this.#collections.filter(({ id }) => !isStopped(id))
    if (isCurrent) this.#leaveTable()
    this.#ports.notifications.incrementalAborted(this.#correlationId, stopped)
    this.#session.context.log.info({ tables: stopped }, 'incremental snapshot stopped')
    this.#ports.meter.tablesLeft(this.#collections.length)
    if (!this.isRunning) {
      this.#correlationId = null
      this.#ports.meter.ended('SnapshotAborted')
    }
    this.#proceed()
  }

  pause(): void {
    if (!this.isRunning || this.#isPaused) return
    this.#isPaused = true
    this.#ports.meter.paused(true)
    this.#session.context.log.info({ tables: this.#ids() }, 'incremental snapshot paused')
    this.#ports.notifications.incrementalPaused(this.#correlationId, this.#ids())
  }

  resume(): void {
    if (!this.isRunning || !this.#isPaused) return
    this.#isPaused = false
    this.#ports.meter.paused(false)
    this.#session.context.log.info({ tables: this.#ids() }, 'incremental snapshot resumed')
    this.#ports.notifications.incrementalResumed(this.#correlationId, this.#ids())
    this.#proceed()
  }

  close(): void {
    this.#isClosed = true
    this.#reader?.close()
    this.#proceed()
  }

  /** The stream passes a watermark. Those of former runs are not known any more. */
  watermark(id: string, kind: 'open' | 'close'): void {
    const window = this.#windows.find((candidate) => candidate.id === id)
    if (window === undefined) return
    if (kind === 'close') window.isClosed = true
    else this.#record(window)
  }

  /** The stream brings a change of a row. */
  changed(relation: Relation, before: OldTuple | null, after: Tuple | null): void {
    if (this.#windows.length === 0) return
    let names = this.#identities.get(relation)
    if (names === undefined) this.#identities.set(relation, (names = identityColumns(relation)))
    for (const window of this.#windows) {
      if (!window.isRecording || window.table.relation.oid !== relation.oid) continue
      const { identity } = window.table
      if (names.length === identity.length && names.every((name, i) => name === identity[i]))
        window.touch(placesOf(identity, relation), before, after)
      else window.isStale = true
    }
  }

  truncated(oid: number): void {
    for (const window of this.#windows) if (window.table.relation.oid === oid) window.touchAll()
  }

  delivered(xid: number): void {
    this.#delivered.add(xid)
  }

  /** The stream has brought all that committed before `lsn`. */
  reached(lsn: bigint): void {
    for (const window of this.#windows)
      if (window.closesAt !== null && lsn >= window.closesAt) window.isClosed = true
  }

  /** Emits what may be emitted, as long as the batch has room. */
  pump(): void {
    const [first] = this.#windows
    if (first === undefined ? !this.#isTableRead : !first.isReady) return
    const { position, batch } = this.#session
    const streamed = { ...position }
    position.snapshot = 'incremental'
    position.lsn = position.lastCommitLsn ?? position.lsn
    position.sourceTimeUs = position.processedTimeUs = nowUs()
    this.#emitWindows(() => batch.bytes < FULL_BATCH_BYTES)
    Object.assign(position, streamed)
    if (this.#isTableRead && this.#windows.length === 0) this.#tableCompleted('SUCCEEDED')
  }

  /** What is added to offsets. */
  offset(): JsonObject {
    if (!this.isRunning) return {}
    const stored = this.#stored
    const key = (texts: KeyTexts | null): readonly JavaArrayValue[] | null =>
      texts === null ? null : texts.map((text, i) => ({ typeName: this.#keyType(i), text }))
    return writeProgress({
      collections: this.#collections,
      lastKey: key(this.#table === null ? (stored?.lastKey ?? null) : this.#lastKey),
      maximumKey: key(this.#table === null ? (stored?.maximumKey ?? null) : this.#maximumKey),
      correlationId: this.#correlationId,
      totalRows: this.#table?.counts.total ?? null,
    })
  }

  #emitWindows(hasRoom: () => boolean): void {
    for (;;) {
      const [window] = this.#windows
      if (window === undefined || !window.isReady) return
      if (!window.isEmitting && !this.#isCurrent(window)) return this.#readAgain(window)
      if (!window.isEmitting) this.#begin(window)
      const isDone = window.emit(hasRoom)
      this.#lastKey = window.emittedKey ?? this.#lastKey
      if (!isDone) return
      this.#windows.shift()
      this.#proceed()
    }
  }

  #begin(window: ChunkWindow): void {
    window.isEmitting = true
    if (window.rows === 0) return
    this.#ports.meter.chunk(window.rows, window.after, window.lastKey)
    this.#ports.notifications.incrementalInProgress(this.#correlationId, this.#ids(), {
      ...this.#table!.chunkEmitted(window.rows),
      maximumKey: this.#maximumKey!,
      lastKey: window.lastKey!,
    })
  }

  /** No transaction whose changes were delivered before is missing in its rows. */
  #isCurrent(window: ChunkWindow): boolean {
    if (window.isStale || !window.isRecording) return !window.isStale
    return !this.#delivered.isAheadOf(new SnapshotVisibility(window.snapshot, 0n), window.recordedFrom)
  }

  /** Its rows, and what was read after them. */
  #readAgain(window: ChunkWindow): void {
    this.#session.context.log.debug({ table: window.table.relation.table }, 'a chunk is read again')
    this.#windows.length = 0
    this.#generation++
    this.#isTableRead = false
    this.#cursor = window.after
    this.#proceed()
  }

  #record(window: ChunkWindow): void {
    window.isRecording = true
    window.recordedFrom = this.#delivered.count
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
      if (this.#isPaused || this.#isTableRead || !this.#hasRoom()) {
        await this.#reader?.closeLast()
        await roomy
        continue
      }
      const generation = this.#generation
      if (this.#table === null) await this.#beginTable(generation)
      else await this.#readChunk(this.#table, generation)
      this.#ports.pump()
    }
    this.#reader?.close()
    this.#reader = null
  }

  async #beginTable(generation: number): Promise<void> {
    const collection = this.#collections[0]!
    const found = await this.#describe(collection)
    if (generation !== this.#generation) return
    if (found.kind === 'skipped') return this.#tableCompleted(found.status)
    const stored = this.#stored
    this.#stored = null
    const { table } = found
    const length = table.window.keyColumns.length
    const isKnown = stored !== null && !stored.hasUnknownKeys && stored.maximumKey?.length === length
    if (stored?.hasUnknownKeys === true) {
      this.#session.context.log.warn(
        { table: collection.id },
        'the key in the stored offset cannot be read: the incremental snapshot of this table begins again',
      )
    }
    this.#table = table
    this.#maximumKey = isKnown ? stored.maximumKey : found.maximumKey
    this.#lastKey = this.#cursor = isKnown ? stored.lastKey : null
    if (this.#maximumKey === null) this.#tableCompleted('EMPTY')
    else this.#ports.meter.tableBegun(this.#cursor, this.#maximumKey)
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
    const window = new ChunkWindow(randomUUID(), table.window, this.#cursor)
    this.#windows.push(window)
    if (this.#ports.watermarks.kind === 'position') this.#record(window)
    const outcome = await this.#chunks().read(window, this.#collections[0]!, this.#maximumKey!)
    if (generation !== this.#generation) return
    if (outcome.kind === 'failed') {
      log.warn(
        { table: this.#collections[0]!.id, err: outcome.error },
        'the incremental snapshot of a table failed: it is skipped, streaming goes on',
      )
      return this.#tableCompleted('SQL_EXCEPTION')
    }
    if (outcome.kind === 'changed') return this.#describeAgain(window, generation)
    window.isRead = true
    this.#cursor = window.lastKey ?? this.#cursor
    this.#isTableRead = outcome.isLast
    if (window.closesAt !== null) this.#ports.watermarks.seek()
  }

  /** The table has another definition than when the chunk's query was made. */
  async #describeAgain(window: ChunkWindow, generation: number): Promise<void> {
    const collection = this.#collections[0]!
    const found = await this.#describe(collection)
    if (generation !== this.#generation) return
    const place = this.#windows.indexOf(window)
    if (place >= 0) this.#windows.splice(place)
    if (found.kind === 'skipped') return this.#tableCompleted(found.status)
    const isSameKey = sameKey(this.#table!.window, found.table.window)
    this.#table = found.table
    if (isSameKey) return
    this.#session.context.log.warn(
      { table: collection.id },
      'the key of a table changed: its incremental snapshot begins again',
    )
    this.#leaveTable()
  }

  /** Nothing more of the first collection's rows is wanted. */
  #leaveTable(): void {
    this.#generation++
    this.#windows.length = 0
    this.#table = this.#stored = null
    this.#lastKey = this.#maximumKey = this.#cursor = null
    this.#isTableRead = false
  }

  #tableCompleted(
    status: 'SUCCEEDED' | 'EMPTY' | 'NO_PRIMARY_KEY' | 'UNKNOWN_SCHEMA' | 'SQL_EXCEPTION',
  ): void {
    const [collection] = this.#collections
    if (collection === undefined) return
    const { notifications } = this.#ports
    const counts = this.#table?.counts ?? { rows: 0, total: null }
    notifications.incrementalTableCompleted(this.#correlationId, this.#ids(), {
      table: collection.id,
      status,
      ...counts,
    })
    this.#session.context.log.info(
      { table: collection.id, status, rows: counts.rows },
      'incremental snapshot of a table ended',
    )
    this.#collections = this.#collections.slice(1)
    this.#leaveTable()
    this.#ports.meter.tablesLeft(this.#collections.length)
    if (!this.isRunning) {
      this.#ports.meter.ended('SnapshotCompleted')
      notifications.incrementalCompleted(this.#correlationId)
      this.#session.context.log.info({ id: this.#correlationId }, 'incremental snapshot completed')
      this.#correlationId = null
    }
    this.#proceed()
    this.#ports.wake()
  }

  #hasRoom(): boolean {
    const bytes = this.#windows.reduce((sum, window) => sum + window.bytes, 0)
    return this.#windows.length < MOST_WINDOWS && bytes < MOST_BYTES
  }

  #proceed(): void {
    this.#roomy.resolve()
    this.#roomy = Promise.withResolvers()
  }

  #ids(): readonly string[] {
    return this.#collections.map(({ id }) => id)
  }

  #keyType(index: number): string {
    const table = this.#table?.window
    const place = table?.keyColumns[index]
    const type = place === undefined ? undefined : table?.relation.columns[place]?.type
    return type?.base?.type.name ?? type?.name ?? 'text'
  }
}

function sameKey(a: WindowTable, b: WindowTable): boolean {
  const names = ({ relation, keyColumns }: WindowTable) =>
    keyColumns.map((place) => relation.columns[place]!.name).join('\u0000')
  return names(a) === names(b)
}
