import type { SourceSession } from '../source-session.ts'
import { openConnection } from '../source-session.ts'
import { CopyStream, type CopyListener } from '../snapshot/copy-stream.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { Cursor } from '../wire/cursor.ts'
import { positionLost, sqlState } from '../wire/failure.ts'
import { formatLsn } from '../wire/lsn.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ServerError } from '../wire/server-error.ts'
import { quoteLiteral } from '../wire/sql-text.ts'
import { planChunk, readBacklog, type WalChunk } from './backlog.ts'
import type { ControlConnection } from './control-connection.ts'
import { outputParameters } from './output-parameters.ts'
import { pause } from './pause.ts'
import type { WalSource } from './wal-source.ts'
import type { WalListener } from './wal-stream.ts'

export interface CatchUpListener extends WalListener {
  /** What may be acknowledged once all that was read is durable. */
  readonly readUpTo: bigint
  /** All that was read is to be handed over now. */
  deliverAll(): void
  /** The walsender has the rest. @param isRefused it cannot be read by SQL */
  caughtUp(isRefused: boolean): void
}

/** COPY's binary form: a signature and two integers, then rows of a count and fields, then the count -1. */
const FILE_HEADER_BYTES = 19
const FIRST_SIGNATURE_BYTE = 'P'.charCodeAt(0)
/** Before the bytes of pgoutput: u16 2 (fields), u32 8, u64 LSN, u32 length. */
const ROW_HEADER_BYTES = 18
/** Going on pays only for more; a chunk with few changes is what a walsender skips as fast. */
const LEAST_CHANGES = 50_000
/** Near enough to the tip for a walsender. */
const TIP_BYTES = 16n * 1024n * 1024n
/** The server spools a chunk before its first row; it is bounded, so that this is very long. */
const FIRST_ROW_TIMEOUT_MS = 120_000
/** A former process may have been killed while the server worked for it. */
const SLOT_IN_USE_TIMEOUT_MS = 8000
const SLOT_IN_USE_PAUSE_MS = 200

/**
 * Reads WAL by SQL, chunk by chunk, where a slot is far behind: a walsender sends each change with a system call of its
 * own (120,000 to 170,000 a second), a COPY sends four times as many. The bytes and LSNs are the walsender's. A chunk ends at
 * a commit; the slot is moved on, and the next one asked for, once all of it is durable.
 */
export class CatchUp implements WalSource, CopyListener {
  readonly #session: SourceSession
  readonly #control: ControlConnection
  readonly #listener: CatchUpListener
  #flushed: bigint
  #waiting: { readonly lsn: bigint; readonly reached: PromiseWithResolvers<void> } | null = null
  #connection: PostgresConnection | null = null
  #copy: CopyStream | null = null
  #reading: PromiseWithResolvers<void> | null = null
  #changes = 0
  readonly #cursor = new Cursor()
  /** The slot was where it should be when the server decoded the chunk: its rows may be used. */
  #isChecked = false
  #isChecking = false
  /** Where the slot was for the chunk at hand, at most. */
  #chunkFrom = 0n
  /** By the listener. */
  #isHeld = false
  /** A chunk brought nothing: the transaction of which a part was delivered before is larger, and goes on behind it. */
  #isChunkTooSmall = false
  #isClosed = false

  /** @param from all before it is durable */
  constructor(
    session: SourceSession,
    control: ControlConnection,
    { from, listener }: { readonly from: bigint; readonly listener: CatchUpListener },
  ) {
    this.#session = session
    this.#control = control
    this.#listener = listener
    this.#flushed = from
  }

  /** Reads until near the tip; then, or when it fails, the listener is told. */
  async run(): Promise<void> {
    const startedAtMs = performance.now()
    let changes = 0
    try {
      for (;;) {
        const read = await this.#readNext(changes === 0)
        if (read === null) break
        changes += read
        if (read < LEAST_CHANGES || this.#isChunkTooSmall) break
      }
      const seconds = Math.round((performance.now() - startedAtMs) / 100) / 10
      this.#session.context.log.info(
        { slot: this.#session.options.slotName, changes, seconds },
        'caught up by SQL',
      )
      this.#end(() => this.#listener.caughtUp(this.#isChunkTooSmall))
    } catch (error) {
      // What a server refuses is the walsender's, with whatever it has to say of it; rows without their end are nobody's.
      if (this.#changes === 0 && isRefusal(error)) {
        if (!this.#isClosed)
          this.#session.context.log.warn(
            { err: error, slot: this.#session.options.slotName },
            'catching up by SQL is not possible, streaming instead',
          )
        this.#end(() => this.#listener.caughtUp(true))
      } else this.#end(() => this.#listener.closed(error))
    }
  }

  hold(): void {
    this.#isHeld = true
    this.#copy?.hold()
  }

  release(): void {
    this.#isHeld = false
    this.#copy?.release()
  }

  /** Nobody is there to be told, or asked, before the chunk is read. */
  sendStatus(_written: bigint, flushed: bigint): void {
    if (flushed > this.#flushed) this.#flushed = flushed
    if (this.#waiting === null || this.#flushed < this.#waiting.lsn) return
    this.#waiting.reached.resolve()
    this.#waiting = null
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    // While it decodes, the server does not see that its client is gone, and keeps the slot.
    if (this.#reading !== null) this.#connection?.cancel()
    this.#copy?.close()
    this.#connection?.close()
    this.#reading?.reject(stopped())
    this.#waiting?.reached.reject(stopped())
  }

  row(bytes: Buffer, start: number, end: number): boolean {
    if (!this.#isChecked) {
      this.#check()
      return false
    }
    let at = start
    if (this.#changes === 0 && bytes[at] === FIRST_SIGNATURE_BYTE) at += FILE_HEADER_BYTES
    // The file's end, or its beginning alone.
    if (end - at <= 2) return true
    const cursor = this.#cursor
    cursor.reset(bytes, at, end)
    if (end - at <= ROW_HEADER_BYTES || cursor.uint16() !== 2 || cursor.uint32() !== 8)
      throw new ProtocolError('a row of binary COPY of unknown form')
    if (!this.#listener.change(cursor.uint64(), bytes, at + ROW_HEADER_BYTES, end)) return false
    this.#changes++
    return true
  }

  drained(): void {
    if (this.#isChecked) this.#listener.drained()
  }

  /** As a walsender's: what a server leaves out it says here, too. */
  warned(warning: ServerError): void {
    this.#listener.warned(warning)
  }

  finished(): void {
    this.#reading?.resolve()
    this.#reading = null
  }

  failed(error: unknown): void {
    this.#reading?.reject(error ?? new Error('the server ended the connection'))
    this.#reading = null
  }

  #end(tell: () => void): void {
    const isWanted = !this.#isClosed
    this.close()
    if (isWanted) tell()
  }

  /** The number of changes in one more chunk, when they are durable; null: we are near the tip. */
  async #readNext(isFirst: boolean): Promise<number | null> {
    const { options } = this.#session
    this.#changes = 0
    const control = await this.#control.get()
    const backlog = await readBacklog(control, options)
    if (backlog === null) return null
    const from = this.#flushed
    this.#refuseGap(backlog.confirmedFlushLsn, from)
    const chunk = planChunk(backlog, from, isFirst ? options.catchUpBytes : TIP_BYTES)
    if (chunk === null) return null
    // What was delivered before this run is recognised and left out; what this run has delivered would not be.
    if (!isFirst) await this.#whileInUse(() => advanceSlot(control, options.slotName, from))
    this.#chunkFrom = from
    const changes = await this.#whileInUse(() => this.#readChunk(chunk))
    if (changes < chunk.changes) this.#listener.keepalive(chunk.upTo, false)
    this.#listener.deliverAll()
    await this.#durable(this.#listener.readUpTo)
    this.#isChunkTooSmall = this.#listener.readUpTo <= from
    return changes
  }

  async #readChunk(chunk: WalChunk): Promise<number> {
    this.#connection ??= await this.#open()
    const parameters = await outputParameters(await this.#control.get(), this.#session.options)
    // Closed meanwhile: there was nobody to be told, and nothing would ever come.
    if (this.#isClosed) throw stopped()
    this.#copy ??= new CopyStream(this.#connection, this)
    const reading = (this.#reading = Promise.withResolvers<void>())
    this.#isChecked = false
    const list = parameters.flat().map((text) => `, ${quoteLiteral(text)}`)
    const slot = quoteLiteral(this.#session.options.slotName)
    this.#copy.copy(
      `COPY (SELECT lsn, data FROM pg_catalog.pg_logical_slot_peek_binary_changes(${slot}, '${formatLsn(chunk.upTo)}', ` +
        `${chunk.changes}${list.join('')})) TO STDOUT (FORMAT binary)`,
    )
    const timer = setTimeout(() => this.#isChecked || this.#connection?.cancel(), FIRST_ROW_TIMEOUT_MS)
    try {
      await reading.promise
    } finally {
      clearTimeout(timer)
    }
    return this.#changes
  }

  async #open(): Promise<PostgresConnection> {
    const connection = await openConnection(this.#session, 'decoding')
    // From version 14 on: else a server that decodes for a process that was killed keeps the slot until it is done.
    await connection.query(
      `select case when pg_catalog.current_setting('client_connection_check_interval', true) is not null
              then pg_catalog.set_config('client_connection_check_interval', '1s', false) end`,
      'Preparing to read changes',
    )
    return connection
  }

  /** Nobody holds the slot between two chunks. Looking when the chunk is decoded shows whether somebody moved it before. */
  #check(): void {
    if (this.#isChecking) return
    this.#isChecking = true
    this.#copy?.hold()
    const { options } = this.#session
    const check = async (): Promise<void> => {
      const backlog = await readBacklog(await this.#control.get(), options)
      if (backlog === null)
        throw positionLost(
          this.#chunkFrom,
          `the replication slot "${options.slotName}" does not exist any more`,
        )
      this.#refuseGap(backlog.confirmedFlushLsn, this.#chunkFrom)
    }
    check().then(
      () => {
        this.#isChecking = false
        this.#isChecked = true
        if (!this.#isHeld) this.#copy?.release()
      },
      (error: unknown) => this.failed(error),
    )
  }

  #refuseGap(confirmed: bigint, from: bigint): void {
    if (confirmed <= from) return
    const { slotName } = this.#session.options
    throw positionLost(
      from,
      `the replication slot "${slotName}" was moved on to ${formatLsn(confirmed)} by something else`,
    )
  }

  async #durable(lsn: bigint): Promise<void> {
    if (this.#flushed >= lsn) return
    if (this.#isClosed) throw stopped()
    this.#waiting = { lsn, reached: Promise.withResolvers() }
    await this.#waiting.reached.promise
  }

  async #whileInUse<T>(run: () => Promise<T>): Promise<T> {
    const giveUpAtMs = performance.now() + SLOT_IN_USE_TIMEOUT_MS
    for (;;) {
      try {
        return await run()
      } catch (error) {
        if (sqlState(error) !== '55006' || performance.now() > giveUpAtMs) throw error
        this.#copy?.close()
        this.#copy = null
        this.#connection = null
      }
      await pause(SLOT_IN_USE_PAUSE_MS, this.#session.signal)
    }
  }
}

async function advanceSlot(connection: PostgresConnection, slotName: string, lsn: bigint): Promise<void> {
  await connection.rawQuery(
    `select pg_catalog.pg_replication_slot_advance(${quoteLiteral(slotName)}, '${formatLsn(lsn)}')`,
  )
}

function stopped(): Error {
  return new Error('the connection was closed')
}

/** The server has answered, and still works. */
function isRefusal(error: unknown): boolean {
  const state = sqlState(error)
  return state !== null && !/^(?:08|57P)/.test(state)
}
