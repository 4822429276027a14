import type { SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { positionLost, sqlState } from '../wire/failure.ts'
import { formatLsn } from '../wire/lsn.ts'
import { quoteLiteral } from '../wire/sql-text.ts'
import { planChunk, readBacklog, type WalChunk } from './backlog.ts'
import type { ControlConnection } from './control-connection.ts'
import { DecodingLane } from './decoding-lane.ts'
import { outputParameters } from './output-parameters.ts'
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

/** One is read while the server decodes for the other. */
const LANES = 2
/** WAL with fewer changes than one in so many bytes is what a walsender skips as fast; looked at over a while. */
const SPARSE_BYTES = 10_000n
const SPARSE_AFTER_BYTES = 256n * 1024n * 1024n
/** Near enough to the tip for a walsender. */
const TIP_BYTES = 16n * 1024n * 1024n
/** The slot itself is moved on after so much WAL: the server goes through what lies between. */
const ADVANCE_BYTES = 128n * 1024n * 1024n

/**
 * Reads WAL by SQL, chunk by chunk, where a slot is far behind: a walsender sends each change with a system call of its
 * own (120,000 to 170,000 a second), a COPY sends four times as many. The bytes and LSNs are the walsender's. A chunk is
 * what commits within a range of WAL; while it is read, the server decodes the next one for another connection. The slot
 * itself follows what is durable.
 */
export class CatchUp implements WalSource {
  readonly #session: SourceSession
  readonly #control: ControlConnection
  readonly #listener: CatchUpListener
  readonly #lanes: DecodingLane[] = []
  /** Whose turn it is to be read. */
  #current: DecodingLane | null = null
  /** All before it is durable. */
  #flushed: bigint
  /** All before it the slot was told. */
  #advanced: bigint
  #advancing: Promise<void> | null = null
  #waiting: { readonly lsn: bigint; readonly reached: PromiseWithResolvers<void> } | null = null
  /** By the listener. */
  #isHeld = false
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
    this.#flushed = this.#advanced = from
  }

  /** Reads until near the tip; then, or when it fails, the listener is told. */
  async run(): Promise<void> {
    const { context, options } = this.#session
    const slot = options.slotName
    const startedAtMs = performance.now()
    const from = this.#flushed
    try {
      await this.#openLanes()
      const changes = await this.#readChunks()
      this.#listener.deliverAll()
      await this.#durable(this.#listener.readUpTo)
      // A walsender could not have the slot meanwhile.
      await this.#advancing
      const seconds = Math.round((performance.now() - startedAtMs) / 100) / 10
      context.log.info({ slot, changes, seconds }, 'caught up by SQL')
      // In vain: the transaction of which a part was delivered before goes on behind what can be read by SQL.
      const isInVain = this.#listener.readUpTo <= from
      this.#end(() => this.#listener.caughtUp(isInVain))
    } catch (error) {
      // What a server refuses is the walsender's, with whatever it has to say of it; rows without their end are nobody's.
      if ((this.#current?.changes ?? 0) === 0 && isRefusal(error)) {
        await this.#advancing
        if (!this.#isClosed)
          context.log.warn({ err: error, slot }, 'catching up by SQL is not possible, streaming instead')
        this.#end(() => this.#listener.caughtUp(true))
      } else this.#end(() => this.#listener.closed(error))
    }
  }

  hold(): void {
    this.#isHeld = true
    this.#current?.hold()
  }

  release(): void {
    this.#isHeld = false
    this.#current?.release()
  }

  /** Nobody is there to be told, or asked, before the chunk is read. */
  sendStatus(_received: bigint, flushed: bigint): void {
    if (flushed > this.#flushed) this.#flushed = flushed
    if (this.#waiting === null || this.#flushed < this.#waiting.lsn) return
    this.#waiting.reached.resolve()
    this.#waiting = null
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const lane of this.#lanes) lane.close()
    this.#waiting?.reached.reject(stopped())
  }

  #end(tell: () => void): void {
    const isWanted = !this.#isClosed
    this.close()
    if (isWanted) tell()
  }

  async #openLanes(): Promise<void> {
    while (this.#lanes.length < LANES) {
      try {
        this.#lanes.push(await DecodingLane.open(this.#session, this.#listener))
      } catch (error) {
        // One alone is faster than a walsender still.
        if (this.#lanes.length === 0 || !isRefusal(error)) throw error
        return
      }
      if (this.#isClosed) {
        this.#lanes.pop()!.close()
        throw stopped()
      }
    }
  }

  /** The number of changes. */
  async #readChunks(): Promise<number> {
    const parameters = (await outputParameters(await this.#control.get(), this.#session.options)).flat()
    const begun: { readonly lane: DecodingLane; readonly chunk: WalChunk }[] = []
    const idle = [...this.#lanes]
    let [planned, changes, isLast] = [0, 0, false]
    let from = this.#flushed
    const start = from
    for (;;) {
      while (!isLast && idle.length > 0) {
        const lane = idle[0]!
        const chunk = await this.#plan(lane, from, planned)
        // There was nobody to be told, and nothing would ever come.
        if (this.#isClosed) throw stopped()
        if (chunk === null) isLast = true
        else {
          lane.begin(chunk, parameters)
          begun.push({ lane: idle.shift()!, chunk })
          from = chunk.upTo
          planned++
        }
      }
      const next = begun.shift()
      if (next === undefined) return changes
      changes += await this.#read(next.lane, next.chunk)
      idle.push(next.lane)
      this.#advance()
      const bytes = next.chunk.upTo - start
      isLast ||= bytes > SPARSE_AFTER_BYTES && BigInt(changes) * SPARSE_BYTES < bytes
    }
  }

  /** Null: the rest is the walsender's. */
  async #plan(lane: DecodingLane, from: bigint, number: number): Promise<WalChunk | null> {
    const { options } = this.#session
    const control = await this.#control.get()
    const slot = await readBacklog(control, options.slotName)
    const own = await readBacklog(control, lane.slotName)
    if (slot === null || own === null) return null
    // Nobody holds the slot meanwhile: it may have been moved on before it was copied, or since.
    this.#refuseGap(lane.confirmedLsn)
    this.#refuseGap(slot.confirmedFlushLsn)
    return planChunk(own, from, { leastBytes: number === 0 ? options.catchUpBytes : TIP_BYTES, number })
  }

  #refuseGap(confirmed: bigint): void {
    if (confirmed <= this.#flushed) return
    const { slotName } = this.#session.options
    throw positionLost(
      this.#flushed,
      `the replication slot "${slotName}" was moved on to ${formatLsn(confirmed)} by something else`,
    )
  }

  /** The number of changes. */
  async #read(lane: DecodingLane, chunk: WalChunk): Promise<number> {
    this.#current = lane
    await lane.read(this.#isHeld)
    this.#current = null
    this.#listener.keepalive(chunk.upTo, false)
    return lane.changes
  }

  /** Lets the server drop WAL, beside the reading. */
  #advance(): void {
    const lsn = this.#flushed
    if (this.#advancing !== null || lsn - this.#advanced < ADVANCE_BYTES) return
    const { context, options, signal } = this.#session
    const advance = async (): Promise<void> => {
      try {
        await advanceSlot(await this.#control.get(), options.slotName, lsn)
        this.#advanced = lsn
      } catch (error) {
        // It is told once more after the next chunk; what is wrong with the slot, reading from it says.
        if (!signal.aborted)
          context.log.debug({ err: error, slot: options.slotName }, 'the slot was not moved on')
      }
      this.#advancing = null
    }
    this.#advancing = advance()
  }

  async #durable(lsn: bigint): Promise<void> {
    if (this.#flushed >= lsn) return
    if (this.#isClosed) throw stopped()
    this.#waiting = { lsn, reached: Promise.withResolvers() }
    await this.#waiting.reached.promise
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
