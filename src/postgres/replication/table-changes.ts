import type { OldTuple } from '../envelope/relation-emitter.ts'
import type { SourceSession } from '../source-session.ts'
import type { StreamSignals } from '../signal/stream-signals.ts'
import type { Cursor } from '../wire/cursor.ts'
import { readRelation } from '../wire/pgoutput/relation-message.ts'
import {
  readDelete,
  readInsert,
  readTruncate,
  readUpdate,
  type OldRow,
} from '../wire/pgoutput/row-messages.ts'
import type { Tuple } from '../wire/tuple.ts'
import type { ControlConnection } from './control-connection.ts'
import type { ResumePoint } from './resume-point.ts'
import { type ColumnTexts, RowReselection, setColumns } from './row-reselection.ts'
import { type StreamedRelation, StreamedRelations } from './streamed-relations.ts'

/** The stream that the changes come from. */
export interface ChangeFlow {
  /** False: the change has to wait, and comes once more. */
  hasRoom(lsn: bigint): boolean
  startChange(lsn: bigint): void
  emitted(lsn: bigint, messageType: string): void
  /** Reads nothing until something is done. */
  holdFor(preparation: Promise<void>): void
}

/** Rows and truncates of tables: from pgoutput's messages to the emitters of their relations. */
export class TableChanges {
  readonly #session: SourceSession
  readonly #flow: ChangeFlow
  readonly #resume: ResumePoint
  readonly #signals: StreamSignals
  readonly #relations: StreamedRelations
  readonly #oldTuples = { key: new OldTupleView('key'), full: new OldTupleView('full') }
  readonly #reselection: RowReselection | null
  /** What was read for the change that comes once more. */
  #reselected: ColumnTexts | null = null
  /** The signal at hand was obeyed: its row comes once more. */
  #isSignalObeyed = false

  constructor(
    session: SourceSession,
    control: ControlConnection,
    stream: { readonly flow: ChangeFlow; readonly resume: ResumePoint; readonly signals: StreamSignals },
  ) {
    const { flow, resume, signals } = stream
    this.#session = session
    this.#flow = flow
    this.#resume = resume
    this.#signals = signals
    this.#relations = new StreamedRelations(session, control, (relation) => signals.isSignalTable(relation))
    const { reselect } = session.options
    this.#reselection = reselect === null ? null : new RowReselection(session, control, reselect)
  }

  /** `R`: how rows of a table look from now on. */
  relation(cursor: Cursor): void {
    const message = readRelation(cursor)
    if (!this.#relations.isCaptured(message)) return
    this.#flow.holdFor(this.#relations.prepare(message))
  }

  /** `I`. False: not now. */
  insert(cursor: Cursor, lsn: bigint): boolean {
    const captured = this.#captured(cursor)
    if (captured === null) return true
    if (!this.#flow.hasRoom(lsn)) return false
    if (!this.#isNew(lsn)) return true
    const { emitter, after, isSignals } = captured
    this.#flow.startChange(lsn)
    readInsert(cursor, after)
    if (!this.#isWhole(captured, null)) return false
    if (isSignals && !this.#obey(after)) return false
    this.#signals.incremental.queue.changed(captured.relation, null, after)
    emitter.insert(after)
    this.#flow.emitted(lsn, 'INSERT')
    return true
  }

  /** `U`. False: not now. */
  update(cursor: Cursor, lsn: bigint): boolean {
    const captured = this.#captured(cursor)
    if (captured === null) return true
    if (!this.#flow.hasRoom(lsn)) return false
    if (!this.#isNew(lsn)) return true
    const { emitter, before, after } = captured
    this.#flow.startChange(lsn)
    const old = readUpdate(cursor, before, after)
    if (!this.#isWhole(captured, old === 'full' ? before : null)) return false
    const oldTuple = this.#oldTuple(old, before)
    this.#signals.incremental.queue.changed(captured.relation, oldTuple, after)
    emitter.update(oldTuple, after)
    this.#flow.emitted(lsn, 'UPDATE')
    return true
  }

  /** `D`. False: not now. */
  delete(cursor: Cursor, lsn: bigint): boolean {
    const captured = this.#captured(cursor)
    if (captured === null) return true
    if (!this.#flow.hasRoom(lsn)) return false
    if (!this.#isNew(lsn)) return true
    const { emitter, before, isSignals } = captured
    this.#flow.startChange(lsn)
    const oldTuple = this.#oldTuple(readDelete(cursor, before), before)
    if (isSignals && oldTuple !== null) this.#signals.deleted(oldTuple)
    this.#signals.incremental.queue.changed(captured.relation, oldTuple, null)
    emitter.delete(oldTuple)
    this.#flow.emitted(lsn, 'DELETE')
    return true
  }

  /** `T`. False: not now. */
  truncate(cursor: Cursor, lsn: bigint): boolean {
    const captured = readTruncate(cursor).map((oid) => this.#relations.get(oid))
    if (!this.#flow.hasRoom(lsn)) return false
    if (!this.#resume.isChangeNew(lsn)) return true
    this.#flow.startChange(lsn)
    for (const table of captured) {
      if (table === null) continue
      this.#signals.incremental.queue.truncated(table.relation.oid)
      table.emitter.truncate()
    }
    this.#flow.emitted(lsn, 'TRUNCATE')
    return true
  }

  #captured(cursor: Cursor): StreamedRelation | null {
    const captured = this.#relations.get(cursor.uint32())
    if (captured === null) this.#session.meter.filtered()
    return captured
  }

  /** A change that comes once more, because its values were read again or its signal was obeyed, is asked about once only. */
  #isNew(lsn: bigint): boolean {
    return this.#reselected !== null || this.#isSignalObeyed || this.#resume.isChangeNew(lsn)
  }

  /** False: the signal is being obeyed; then its row comes once more. */
  #obey(row: Tuple): boolean {
    const isObeyed = this.#isSignalObeyed
    this.#isSignalObeyed = false
    const work = isObeyed ? null : this.#signals.inserted(row)
    if (work === null) return true
    this.#flow.holdFor(
      work.then(() => {
        this.#isSignalObeyed = true
      }),
    )
    return false
  }

  /** False: values are being read again; then the change comes once more. */
  #isWhole({ relation, after }: StreamedRelation, old: Tuple | null): boolean {
    if (this.#reselection === null) return true
    if (this.#reselected !== null) {
      setColumns(after, this.#reselected)
      this.#reselected = null
      return true
    }
    const columns = this.#reselection.missing(relation, after, old)
    if (columns.length === 0) return true
    this.#flow.holdFor(
      this.#reselection.select(relation, after, columns).then((texts) => {
        this.#reselected = texts
      }),
    )
    return false
  }

  #oldTuple(old: OldRow, tuple: Tuple): OldTuple | null {
    if (old === 'none') return null
    const view = this.#oldTuples[old]
    view.tuple = tuple
    return view
  }
}

/** An `OldTuple` that is used again for each change. */
class OldTupleView implements OldTuple {
  readonly kind: 'key' | 'full'
  tuple!: Tuple

  constructor(kind: 'key' | 'full') {
    this.kind = kind
  }
}
