import type { Relation } from '../catalog/relation.ts'
import { describeStreamedRelation, isSameRelation } from '../catalog/streamed-relation.ts'
import type { RelationEmitter } from '../envelope/relation-emitter.ts'
import { emitterFor, type SourceSession } from '../source-session.ts'
import type { RelationMessage } from '../wire/pgoutput/relation-message.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { Tuple } from '../wire/tuple.ts'
import type { ControlConnection } from './control-connection.ts'

/** A captured table as the stream has it at this point, and the tuples that its rows are read into. */
export interface StreamedRelation {
  readonly relation: Relation
  readonly emitter: RelationEmitter
  readonly before: Tuple
  readonly after: Tuple
  /** Its rows are signals. */
  readonly isSignals: boolean
}

/** The relations that pgoutput has announced on this connection, by oid. */
export class StreamedRelations {
  readonly #session: SourceSession
  readonly #control: ControlConnection
  readonly #isSignals: (relation: Relation) => boolean
  readonly #byOid = new Map<number, StreamedRelation | null>()

  constructor(
    session: SourceSession,
    control: ControlConnection,
    isSignals: (relation: Relation) => boolean,
  ) {
    this.#session = session
    this.#control = control
    this.#isSignals = isSignals
  }

  /** Null: the table is not captured. */
  get(oid: number): StreamedRelation | null {
    const relation = this.#byOid.get(oid)
    if (relation === undefined)
      throw new ProtocolError(`a change of the relation ${oid}, which was not announced`)
    return relation
  }

  /** False: the table is not captured, which is noted; `prepare` is not needed. */
  isCaptured(message: RelationMessage): boolean {
    if (this.#session.options.isTableIncluded(message.schema, message.table)) return true
    this.#byOid.set(message.oid, null)
    return false
  }

  /** Makes the relation's emitter. Changes must wait until then. */
  async prepare(message: RelationMessage): Promise<void> {
    const relation = await describeStreamedRelation(await this.#control.get(), message)
    const known = this.#byOid.get(message.oid)
    if (known != null && isSameRelation(known.relation, relation)) return
    const emitter = await emitterFor(this.#session, relation)
    const columns = relation.columns.length
    this.#byOid.set(message.oid, {
      relation,
      emitter,
      before: new Tuple(columns),
      after: new Tuple(columns),
      isSignals: this.#isSignals(relation),
    })
    this.#session.context.log.debug(
      { schema: relation.schema, table: relation.table, columns },
      'relation announced',
    )
  }
}
