import { CopyStream, type CopyListener } from '../snapshot/copy-stream.ts'
import { openConnection, type SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { formatLsn, parseLsn } from '../wire/lsn.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { quoteLiteral } from '../wire/sql-text.ts'
import type { WalChunk } from './backlog.ts'

/** Who reads the chunks. */
export interface LaneReader {
  change(lsn: bigint, bytes: Buffer, start: number, end: number): boolean
  drained(): void
}

/** COPY's binary form: a signature and two integers, then rows of a count and fields, then the count -1. */
const FILE_HEADER_BYTES = 19
const FIRST_SIGNATURE_BYTE = 'P'.charCodeAt(0)
/** Before the bytes of pgoutput: u16 2 (fields), u32 8, i64 LSN, u32 length. */
const ROW_HEADER_BYTES = 18
const LSN_AT = 6
/** The server spools a chunk before its first row; it is bounded, so that this is very long. */
const FIRST_ROW_TIMEOUT_MS = 120_000
/** PostgreSQL cuts names off behind it. */
const MOST_NAME_BYTES = 63

/**
 * A connection that has WAL decoded by SQL, chunk by chunk, with a temporary copy of the slot: that one may be moved on
 * before anything is durable, and goes with the connection. The server decodes as soon as it is told to; what it has is
 * handed out once it is asked for.
 */
export class DecodingLane implements CopyListener {
  readonly slotName: string
  /** Where the copy was to begin with. */
  readonly confirmedLsn: bigint
  readonly #connection: PostgresConnection
  readonly #copy: CopyStream
  readonly #reader: LaneReader
  #confirmed: bigint
  /** The statement under way moves the copy of the slot; its answer is nobody's. */
  #isMoving = false
  #chunk: PromiseWithResolvers<void> | null = null
  #firstRowTimer: NodeJS.Timeout | undefined
  /** The first row is there, or the server has failed. */
  #isDecoded = false
  /** Rows are asked for. */
  #isWanted = false
  /** Of the chunk, handed out. */
  changes = 0

  private constructor(
    connection: PostgresConnection,
    slot: { readonly name: string; readonly confirmedLsn: bigint },
    reader: LaneReader,
  ) {
    this.slotName = slot.name
    this.confirmedLsn = this.#confirmed = slot.confirmedLsn
    this.#connection = connection
    this.#reader = reader
    this.#copy = new CopyStream(connection, this)
  }

  /** Throws the server's own error where it gives no copy of the slot. */
  static async open(session: SourceSession, reader: LaneReader): Promise<DecodingLane> {
    const connection = await openConnection(session, 'decoding')
    try {
      return new DecodingLane(connection, await copySlot(connection, session.options.slotName), reader)
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** Has a chunk decoded. The one before must be read. @param parameters of the output plugin */
  begin({ from, upTo }: WalChunk, parameters: readonly string[]): void {
    const chunk = (this.#chunk = Promise.withResolvers())
    // It is looked at once it is this chunk's turn.
    chunk.promise.catch(() => {})
    this.changes = 0
    this.#isDecoded = this.#isWanted = false
    const slot = quoteLiteral(this.slotName)
    if (from > this.#confirmed) {
      this.#isMoving = true
      this.#confirmed = from
      this.#copy.copy(
        `COPY (SELECT pg_catalog.pg_replication_slot_advance(${slot}, '${formatLsn(from)}')) TO STDOUT`,
      )
    }
    const list = parameters.map((text) => `, ${quoteLiteral(text)}`)
    this.#copy.copy(
      `COPY (SELECT lsn, data FROM pg_catalog.pg_logical_slot_peek_binary_changes(${slot}, '${formatLsn(upTo)}', ` +
        `NULL${list.join('')})) TO STDOUT (FORMAT binary)`,
    )
    this.#firstRowTimer = setTimeout(() => this.#connection.cancel(), FIRST_ROW_TIMEOUT_MS)
  }

  /** Hands the chunk out; resolves behind its last row. @param isHeld nothing before `release` */
  read(isHeld: boolean): Promise<void> {
    this.#isWanted = true
    if (isHeld) this.#copy.hold()
    else if (this.#isDecoded) this.#copy.release()
    return this.#chunk!.promise
  }

  hold(): void {
    this.#copy.hold()
  }

  release(): void {
    this.#copy.release()
  }

  close(): void {
    // While it decodes, the server does not see that its client is gone.
    if (this.#chunk !== null) this.#connection.cancel()
    this.#copy.close()
    this.failed(new Error('the connection was closed'))
  }

  row(bytes: Buffer, start: number, end: number): boolean {
    if (this.#isMoving) return true
    if (!this.#isDecoded) {
      this.#isDecoded = true
      clearTimeout(this.#firstRowTimer)
    }
    if (!this.#isWanted) return false
    let at = start
    if (this.changes === 0 && bytes[at] === FIRST_SIGNATURE_BYTE) at += FILE_HEADER_BYTES
    // The file's end, or its beginning alone.
    if (end - at <= 2) return true
    if (end - at <= ROW_HEADER_BYTES || bytes.readUInt16BE(at) !== 2)
      throw new ProtocolError('a row of binary COPY of unknown form')
    if (!this.#reader.change(bytes.readBigUInt64BE(at + LSN_AT), bytes, at + ROW_HEADER_BYTES, end))
      return false
    this.changes++
    return true
  }

  drained(): void {
    if (this.#isWanted) this.#reader.drained()
  }

  finished(): void {
    if (this.#isMoving) {
      this.#isMoving = false
      return
    }
    this.#chunk?.resolve()
    this.#chunk = null
  }

  failed(error: unknown): void {
    clearTimeout(this.#firstRowTimer)
    this.#chunk?.reject(error ?? new Error('the server ended the connection'))
    this.#chunk = null
  }
}

async function copySlot(
  connection: PostgresConnection,
  slotName: string,
): Promise<{ readonly name: string; readonly confirmedLsn: bigint }> {
  // From version 14 on: else a server that decodes for a process that was killed goes on until it is done.
  const [session] = await connection.rawQuery(
    `select pg_catalog.pg_backend_pid() as pid,
            case when pg_catalog.current_setting('client_connection_check_interval', true) is not null
              then pg_catalog.set_config('client_connection_check_interval', '1s', false) end`,
  )
  const suffix = `_${session!['pid']}`
  const name = slotName.slice(0, MOST_NAME_BYTES - suffix.length) + suffix
  await connection.rawQuery(
    `select pg_catalog.pg_copy_logical_replication_slot(${quoteLiteral(slotName)}, ${quoteLiteral(name)}, true)`,
  )
  const [slot] = await connection.rawQuery(
    `select confirmed_flush_lsn from pg_catalog.pg_replication_slots where slot_name = ${quoteLiteral(name)}`,
  )
  return { name, confirmedLsn: parseLsn(slot!['confirmed_flush_lsn']!) }
}
