import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../api/record.ts'
import { describeError } from '../../api/errors.ts'
import type { Relation } from '../catalog/relation.ts'
import { listTables } from '../catalog/list-tables.ts'
import type { OldTuple } from '../envelope/relation-emitter.ts'
import type { Notifications } from '../notification/notifications.ts'
import { ControlConnection } from '../replication/control-connection.ts'
import type { KnownTables } from '../snapshot/known-tables.ts'
import { NewTables } from '../snapshot/new-tables.ts'
import { IncrementalMeter } from '../snapshot/incremental/incremental-meter.ts'
import { IncrementalSnapshot } from '../snapshot/incremental/incremental-snapshot.ts'
import type { SnapshotMeter } from '../snapshot/snapshot-meter.ts'
import { SnapshotTraces } from '../snapshot/snapshot-traces.ts'
import { signalWatermarks, type Watermarks } from '../snapshot/incremental/watermarks.ts'
import type { SourceSession } from '../source-session.ts'
import type { Tuple } from '../wire/tuple.ts'
import { isSignalTable } from '../options/signal-options.ts'
import { BlockingQueue } from './blocking-queue.ts'
import { openSignalChannels } from './open-signal-channels.ts'
import { SignalPoller } from './signal-poller.ts'
import { signalData, type Signal } from './signal.ts'
import {
  expandCollections,
  parseCollections,
  parseSnapshotRequest,
  parseSnapshotType,
  requestedCollections,
} from './snapshot-request.ts'

/** What the stream offers to who works beside it. */
export interface StreamPort {
  /** There may be records. */
  pump(): void
  /** What offsets say has changed. */
  wake(): void
  fail(error: unknown): void
  /** Asks the server how far it has sent. */
  ping(): void
}

/** Commands to the connector, and the snapshots that they start: lives as long as the task, across its streams. */
export class StreamSignals {
  readonly incremental: IncrementalSnapshot
  readonly blocking: BlockingQueue
  readonly #session: SourceSession
  readonly #control: ControlConnection
  readonly #watermarks: Watermarks | null
  readonly #poller: SignalPoller
  readonly #known: KnownTables | null
  readonly #newTables: NewTables | null
  readonly #closing = new AbortController()
  #port: StreamPort | null = null
  #isStarted = false

  /** @param deps `stored`: the offset that the task begins with; `known`: null where new tables are not looked for */
  constructor(
    session: SourceSession,
    deps: {
      readonly stored: JsonObject | null
      readonly known: KnownTables | null
      readonly notifications: Notifications
      readonly meter: SnapshotMeter
    },
  ) {
    const { stored, known, notifications, meter } = deps
    this.#session = session
    const control = (this.#control = new ControlConnection(session))
    this.#watermarks = this.#chooseWatermarks()
    this.incremental = new IncrementalSnapshot(session, {
      control,
      notifications,
      meter: new IncrementalMeter(meter.metrics, new SnapshotTraces(session.context)),
      watermarks: this.#watermarks ?? this.#positionWatermarks(),
      pump: () => this.#port?.pump(),
      wake: () => this.#port?.wake(),
      fail: (error) => this.#port?.fail(error),
    })
    this.blocking = new BlockingQueue()
    if (stored !== null) {
      this.incremental.restore(stored)
      this.blocking.restore(stored)
    }
    this.#known = known
    this.#newTables =
      known === null
        ? null
        : new NewTables(session, known, {
            control,
            incremental: (ids, correlationId) => {
              const collections = ids.map((id) => ({
                id,
                condition: null,
                surrogateKey: null,
                correlationId,
              }))
              this.incremental.add(collections, correlationId)
            },
            blocking: (tables, id) => {
              const request = {
                type: 'blocking',
                collections: tables,
                conditions: [],
                surrogateKey: null,
              } as const
              this.blocking.add({ id, tables, request })
            },
          })
    this.#poller = new SignalPoller(session, (signal) => this.#process(signal))
  }

  /** A stream begins, or takes over from another one. */
  attach(port: StreamPort): void {
    this.#port = port
    if (this.#isStarted) return
    this.#isStarted = true
    this.incremental.start()
    const { signal } = this.#closing
    this.#newTables
      ?.watch(signal, () => this.#port?.wake())
      .catch((error: unknown) => {
        if (!signal.aborted) this.#port?.fail(error)
      })
    openSignalChannels(this.#session)
      .then((channels) => this.#poller.start(channels))
      .catch((error: unknown) => port.fail(error))
  }

  close(): void {
    this.#port = null
    this.#closing.abort()
    this.incremental.close()
    this.#poller.close()
    this.#control.close()
  }

  /** Whether rows of this table are signals. */
  isSignalTable({ schema, table }: Relation): boolean {
    const { signals } = this.#session.options
    return signals.channels.has('source') && isSignalTable(signals, schema, table)
  }

  /** The stream brings a row of the signal table. Null: it is done; otherwise the stream waits. */
  inserted(row: Tuple): Promise<void> | null {
    if (row.columns !== 3) {
      this.#warn(null, `the signal table must have 3 columns (id, type, data), but has ${row.columns}`)
      return null
    }
    const signal: Signal = { id: row.text(0) ?? '', type: row.text(1) ?? '', data: row.text(2) }
    if (signal.type === 'snapshot-window-open' || signal.type === 'snapshot-window-close') {
      const kind = signal.type === 'snapshot-window-open' ? 'open' : 'close'
      this.incremental.queue.watermark(signal.id.replace(/-(?:open|close)$/, ''), kind)
      return null
    }
    return this.#process(signal)
  }

  deleted({ tuple }: OldTuple): void {
    if (this.#session.options.incremental.watermarking !== 'insert_delete') return
    const id = tuple.text(0) ?? ''
    if (id.endsWith('-open')) this.incremental.queue.watermark(id.slice(0, -'-open'.length), 'close')
  }

  /** What is added to the next offset; it counts as handed over. */
  offset(): JsonObject {
    return { ...this.incremental.offset(), ...this.blocking.offset(), ...this.#known?.offset() }
  }

  /** The offset is on its way. */
  taken(offset: JsonObject): void {
    this.#poller.taken(offset)
  }

  /** It is durable. */
  durable(offset: JsonObject): void {
    this.#poller.durable(offset)
  }

  /** Bad signals are said in the log once and left out; only a lost connection rejects. */
  async #process(signal: Signal): Promise<void> {
    const { log } = this.#session.context
    log.debug({ id: signal.id, type: signal.type }, 'signal received')
    switch (signal.type) {
      case 'log':
        return this.#tryTo(signal, () => this.#log(signal))
      case 'execute-snapshot':
        return this.#executeSnapshot(signal)
      case 'stop-snapshot':
        return this.#tryTo(signal, () => this.#stopSnapshot(signal))
      case 'pause-snapshot':
        return this.#tryTo(signal, () => {
          if (parseSnapshotType(signalData(signal)) === 'incremental') this.incremental.pause()
        })
      case 'resume-snapshot':
        return this.#tryTo(signal, () => {
          if (parseSnapshotType(signalData(signal)) === 'incremental') this.incremental.resume()
        })
      default:
        this.#warn(
          signal,
          signal.type === 'schema-changes'
            ? 'schema-changes is not needed: definitions are read from the server'
            : `the type ${JSON.stringify(signal.type)} is not known: it is one of execute-snapshot, stop-snapshot, pause-snapshot, resume-snapshot, log`,
        )
    }
  }

  #log(signal: Signal): void {
    const message = signalData(signal)['message']
    if (typeof message !== 'string' || message === '') throw new Error('the field "message" is missing')
    this.#session.context.log.info(
      { id: signal.id, message: message.replaceAll('{}', JSON.stringify(this.offset())) },
      'log signal',
    )
  }

  async #executeSnapshot(signal: Signal): Promise<void> {
    let request
    try {
      request = parseSnapshotRequest(signalData(signal))
    } catch (error) {
      return this.#warn(signal, describeError(error))
    }
    const captured = await this.#captured()
    const ids = expandCollections(request.collections, captured)
    const { log } = this.#session.context
    if (request.type === 'blocking') {
      this.blocking.add({ id: signal.id, tables: ids, request })
      log.info({ id: signal.id, tables: ids }, 'blocking snapshot requested')
      this.#port?.wake()
      return
    }
    if (this.#watermarks === null) {
      return this.#warn(
        signal,
        'incremental snapshots need signal.data.collection, a table that the connector may write to; or read.only=true',
      )
    }
    if (this.#watermarks.kind === 'signal') await this.#checkSignalTable()
    log.info({ id: signal.id, tables: ids }, 'incremental snapshot requested')
    const correlationId = signal.id === '' ? randomUUID() : signal.id
    this.incremental.add(requestedCollections(request, ids, correlationId), correlationId)
    this.#port?.wake()
  }

  #stopSnapshot(signal: Signal): void {
    const data = signalData(signal)
    const collections = parseCollections(data)
    if (parseSnapshotType(data) !== 'incremental') return
    const ids = collections === null ? null : new Set(expandCollections(collections, this.incremental.tables))
    this.incremental.stop((id) => ids === null || ids.has(id))
    this.#port?.wake()
  }

  /** Watermarks that the stream does not bring would be waited for for ever. */
  async #checkSignalTable(): Promise<void> {
    const { signals, publicationName, skippedOperations } = this.#session.options
    const [schema, table] = signals.table!
    const connection = await this.#control.get()
    const tables = await connection.query(
      'select pubname, schemaname, tablename from pg_catalog.pg_publication_tables',
      'Looking for the signal table',
    )
    const isPublished = tables.some(
      (row) =>
        row['pubname'] === publicationName && row['schemaname'] === schema && row['tablename'] === table,
    )
    if (!isPublished || skippedOperations.has('c')) {
      this.#session.context.log.warn(
        { signalTable: `${schema}.${table}`, publication: publicationName },
        'the inserts of the signal table are not published: the incremental snapshot waits until they are; add the table to the publication',
      )
    }
  }

  async #captured(): Promise<readonly string[]> {
    const { options } = this.#session
    const tables = await listTables(
      await this.#control.get(),
      (schema, table) => options.isTableIncluded(schema, table),
      options.publishViaPartitionRoot,
    )
    return tables.map(({ schema, table }) => `${schema}.${table}`)
  }

  #tryTo(signal: Signal, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#warn(signal, describeError(error))
    }
  }

  #warn(signal: Signal | null, problem: string): void {
    this.#session.context.log.warn(
      { ...(signal === null ? {} : { id: signal.id, type: signal.type }), problem },
      'a signal cannot be understood: it is skipped',
    )
  }

  #chooseWatermarks(): Watermarks | null {
    const { isReadOnly, signals } = this.#session.options
    if (isReadOnly) return this.#positionWatermarks()
    return signals.table === null ? null : signalWatermarks(this.#session, signals.table)
  }

  /** They need no table to write to. */
  #positionWatermarks(): Watermarks {
    return { kind: 'position', open: () => null, close: () => null, seek: () => this.#port?.ping() }
  }
}
