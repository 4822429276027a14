import type { JsonObject } from '../api/record.ts'
import type { SourceTaskContext } from '../api/source-task.ts'
import type { ChangePosition } from './envelope/change-position.ts'
import { createRelationEmitter } from './envelope/create-relation-emitter.ts'
import type { LeftOutChanges } from './envelope/left-out-changes.ts'
import type { RelationEmitter } from './envelope/relation-emitter.ts'
import type { SourceBatchBuilder } from './envelope/source-batch-builder.ts'
import type { StreamMeter } from './replication/stream-meter.ts'
import type { Timeline } from './replication/timeline.ts'
import type { TransactionOrder } from './envelope/transaction-order.ts'
import type { Relation } from './catalog/relation.ts'
import type { PostgresOptions } from './options/postgres-options.ts'
import { PostgresConnection, type ConnectionPurpose } from './wire/connection.ts'

/** What the phases of one run of a task share. */
export interface SourceSession {
  readonly options: PostgresOptions
  readonly context: SourceTaskContext
  /** The source partition of all offsets: `{"server": topic.prefix}`. */
  readonly partition: JsonObject
  /** Where the change at hand happened; emitters read it. */
  readonly position: ChangePosition
  /** The records under way. */
  readonly batch: SourceBatchBuilder
  readonly meter: StreamMeter
  readonly leftOut: LeftOutChanges
  readonly timeline: Timeline
  /** With `provide.transaction.metadata`; null without. */
  readonly order: TransactionOrder | null
  /** Aborted when the task stops: closes every connection. */
  readonly signal: AbortSignal
}

export function openConnection(
  session: SourceSession,
  purpose: ConnectionPurpose,
): Promise<PostgresConnection> {
  return PostgresConnection.open(session.options, purpose, {
    applicationName: `tailrace ${session.context.connectorName}`,
    signal: session.signal,
  })
}

export function emitterFor(session: SourceSession, relation: Relation): Promise<RelationEmitter> {
  const { options, position, batch, context, order, leftOut } = session
  return createRelationEmitter(relation, { options, position, batch, context, order, leftOut })
}

/** Microseconds since 1970. */
export function nowUs(): bigint {
  return BigInt(Date.now()) * 1000n
}
