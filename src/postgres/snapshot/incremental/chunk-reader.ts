import { pause } from '../../replication/pause.ts'
import { openConnection, type SourceSession } from '../../source-session.ts'
import { postgresFailure, sqlState } from '../../wire/failure.ts'
import { parseLsn } from '../../wire/lsn.ts'
import { ChunkConnection, ChunkStepError } from './chunk-connection.ts'
import { chunkCopy, fingerprintExpression, lockQuery, type KeyTexts } from './chunk-query.ts'
import type { ChunkWindow } from './chunk-window.ts'
import type { SnapshotCollection } from './incremental-progress.ts'
import type { Watermarks } from './watermarks.ts'

/** Beyond so many bytes a chunk ends before it has all its rows. */
const MOST_CHUNK_BYTES = 8 * 1024 * 1024

const WAL_POSITION =
  'SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END'

export type ChunkOutcome =
  | { readonly kind: 'read'; readonly isLast: boolean }
  /** The table's definition is another one by now. */
  | { readonly kind: 'changed' }
  /** The server refused a statement. */
  | { readonly kind: 'failed'; readonly error: unknown }

/** Reads one chunk after the other on a connection of its own, and writes the watermarks around them. */
export class ChunkReader {
  readonly #session: SourceSession
  readonly #watermarks: Watermarks
  #connection: ChunkConnection | null = null
  /** Closes the chunk that was read last; it goes along with the next one's opening. */
  #closing: string | null = null
  /** Fewer than asked for where rows are long. */
  #limit: number
  #isClosed = false

  constructor(session: SourceSession, watermarks: Watermarks) {
    this.#session = session
    this.#watermarks = watermarks
    this.#limit = session.options.incremental.chunkSize
  }

  close(): void {
    this.#isClosed = true
    this.#connection?.close()
  }

  /** Writes the watermark that is still to be written, when no chunk follows now. */
  async closeLast(): Promise<void> {
    const closing = this.#closing
    if (closing === null) return
    this.#closing = null
    const connection = await this.#open()
    try {
      await this.#retrying(() => connection.commit([closing]))
    } catch (error) {
      throw this.#failure(error, 'Writing the watermark of an incremental snapshot')
    }
  }

  /** The first row of each query. */
  async select(queries: readonly string[]): Promise<(readonly (string | null)[] | undefined)[]> {
    const connection = await this.#open()
    const answers = await connection.select(queries)
    return answers.map(([row]) => row)
  }

  async read(window: ChunkWindow, collection: SnapshotCollection, upTo: KeyTexts): Promise<ChunkOutcome> {
    const open = this.#watermarks.open(window, collection)
    const watermarks = [this.#closing, open].filter((statement) => statement !== null)
    const limit = this.#limit
    const { table } = window
    let received = 0
    let isSame = true
    try {
      const connection = await this.#open()
      const position = await this.#retrying(() => {
        window.clear()
        received = 0
        return connection.read({
          watermarks,
          lock: lockQuery(table),
          describe: `SELECT pg_current_snapshot()::text, ${fingerprintExpression(table.relation)}`,
          copy: chunkCopy(table, { after: window.after, upTo, limit }),
          position: open === null ? WAL_POSITION : null,
          described: (snapshot, fingerprint) => {
            window.snapshot = snapshot
            isSame = fingerprint === table.fingerprint
          },
          row: (bytes, start, end) => {
            received++
            if (!isSame || window.isCut) return
            // Rows of one key stay together where it is not unique.
            if (window.bytes > MOST_CHUNK_BYTES && table.isKeyUnique) window.isCut = true
            else window.addRow(bytes, start, end)
          },
        })
      })
      this.#closing = null
      if (!isSame) return { kind: 'changed' }
      if (position === null) this.#closing = this.#watermarks.close(window, collection)
      else window.closesAt = parseLsn(position)
      this.#adapt(window)
      return { kind: 'read', isLast: received < limit && !window.isCut }
    } catch (error) {
      // The watermarks were written before reading failed.
      if (error instanceof ChunkStepError && error.step === 'read') this.#closing = null
      if (this.#isClosed || !isRefused(error)) {
        throw this.#failure(error, `The incremental snapshot of ${collection.id}`)
      }
      const cause = error instanceof ChunkStepError ? error.cause : error
      const state = sqlState(cause) ?? ''
      // Between describing and reading it a column, or the table, was dropped, renamed or altered.
      return /^42(?:703|P01|883|804)/.test(state) && received === 0 && !window.isStale
        ? { kind: 'changed' }
        : { kind: 'failed', error: cause }
    }
  }

  /** Watermarks that cannot be written are tried again, as often as it is set. */
  async #retrying<T>(work: () => Promise<T>): Promise<T> {
    const { options, signal, context } = this.#session
    const { emitRetries, emitBackoffMs } = options.signals
    for (let attempt = 0; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        const isWatermark = error instanceof ChunkStepError && error.step === 'watermarks'
        if (!isWatermark || attempt >= emitRetries || sqlState(error.cause) === null) throw error
        context.log.warn({ attempt: attempt + 1, err: error.cause }, 'a watermark could not be written')
        await pause(emitBackoffMs, signal)
      }
    }
  }

  /** Long rows: the next chunk asks for as many as its bytes allow. */
  #adapt({ rows, bytes }: ChunkWindow): void {
    const { chunkSize } = this.#session.options.incremental
    if (rows === 0) return
    this.#limit = Math.max(1, Math.min(chunkSize, Math.floor((MOST_CHUNK_BYTES / 2) * (rows / bytes))))
  }

  async #open(): Promise<ChunkConnection> {
    if (this.#connection?.isOpen !== true) {
      this.#connection = new ChunkConnection(await openConnection(this.#session, 'sql'))
    }
    return this.#connection
  }

  #failure(error: unknown, what: string): Error {
    const { hostname, port } = this.#session.options
    return postgresFailure(error instanceof ChunkStepError ? error.cause : error, `${hostname}:${port}`, what)
  }
}

/** The server refused a statement, and would again: not a matter of the connection, or of a server that shuts down. */
export function isRefused(error: unknown): boolean {
  const state = sqlState(error instanceof ChunkStepError ? error.cause : error)
  return state !== null && !/^(?:08|57P|53)/.test(state)
}
