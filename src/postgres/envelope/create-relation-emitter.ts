import type { SourceTaskContext, TaskLogger } from '../../api/source-task.ts'
import { DataError } from '../../api/errors.ts'
import type { RecordTemplate } from '../../api/template.ts'
import type { Relation } from '../catalog/relation.ts'
import type { Tuple } from '../wire/tuple.ts'
import {
  CountingEmitter,
  createChangeEmitter,
  DROPPING,
  type ChangeEmitter,
  type EmitterContext,
} from './change-emitter.ts'
import type { ChangePosition } from './change-position.ts'
import type { ChangeRow } from './change-row.ts'
import { ComparedColumns } from './compared-columns.ts'
import { contextHeaders } from './context-headers.ts'
import type { EnvelopeOptions } from './envelope-options.ts'
import { unrepresentableReport } from './failure-report.ts'
import { LeftOutChanges } from './left-out-changes.ts'
import { isKeyChanged, KeyChangeEmitter } from './key-change-emitter.ts'
import { PositionText } from './position-text.ts'
import { RecordTemplates, type ChangeShape } from './record-templates.ts'
import type { OldTuple, RelationEmitter } from './relation-emitter.ts'
import { relationSchemas } from './relation-schemas.ts'
import type { SourceBatchBuilder } from './source-batch-builder.ts'
import { UnchangedValuesEmitter } from './unchanged-values.ts'
import type { TransactionOrder } from './transaction-order.ts'

/**
 * Prepares everything that the changes of one relation version have in common: schemas, templates, and for each
 * operation the runtime's answer to its template.
 */
export async function createRelationEmitter(
  described: Relation,
  deps: {
    readonly options: EnvelopeOptions
    readonly position: ChangePosition
    readonly batch: SourceBatchBuilder
    readonly context: SourceTaskContext
    /** Null: changes are not counted. */
    readonly order: TransactionOrder | null
    readonly leftOut?: LeftOutChanges
  },
): Promise<RelationEmitter> {
  const { options, position, batch, context, order, leftOut = new LeftOutChanges() } = deps
  const key = options.messageKey(described)
  const relation = key === null ? described : { ...described, keyColumns: key }
  const name = `${relation.schema}.${relation.table}`
  const counter = order === null ? null : { count: () => order.next(name) }
  const emitterContext: EmitterContext = {
    position,
    positionText: new PositionText(position),
    batch,
    counter,
  }
  const report =
    options.convertingFailureMode === 'warn' ? unrepresentableReport(relation, context.log) : null
  const schemas = relationSchemas(relation, options, report)
  if (schemas.unruledColumns.length > 0) {
    const { schema, table } = relation
    const columns = schemas.unruledColumns
    context.log.warn(
      { schema, table, columns },
      'columns that are no text cannot be masked: they are written as they are',
    )
  }
  const templates = new RecordTemplates(relation, schemas, {
    options,
    headers: contextHeaders(options, context),
  })
  const skipped = options.skippedOperations
  const compile = async (template: RecordTemplate): Promise<ChangeEmitter> =>
    createChangeEmitter(template, await context.compile(template), emitterContext)
  const change = async (shape: ChangeShape): Promise<ChangeEmitter> => {
    if (skipped.has(shape.op)) return DROPPING
    const template = templates.change(shape)
    const usual = await compile(template)
    const emitter =
      options.unchangedValuesHeader && shape.op === 'u'
        ? new UnchangedValuesEmitter(usual, { template, schemas }, emitterContext)
        : usual
    return counter === null || shape.op === 'r' ? emitter : new CountingEmitter(counter, emitter)
  }

  const [read, insert, update, updateWithBefore, remove, tombstone, truncate] = await Promise.all([
    change({ op: 'r', before: false, after: true }),
    change({ op: 'c', before: false, after: true }),
    change({ op: 'u', before: false, after: true }),
    change({ op: 'u', before: true, after: true }),
    change({ op: 'd', before: true, after: false }),
    options.tombstonesOnDelete && !skipped.has('d') ? compile(templates.tombstone()) : DROPPING,
    change({ op: 't', before: false, after: false }),
  ])
  return new TableEmitter(
    relation,
    {
      read,
      insert,
      update,
      updateWithBefore,
      remove,
      tombstone,
      truncate,
      keyChange: new KeyChangeEmitter({ templates, schemas }, options, emitterContext),
    },
    {
      log: context.log,
      position,
      failureMode: options.processingFailureMode,
      compared: options.skipMessagesWithoutChange ? new ComparedColumns(relation, schemas) : null,
      leftOut,
    },
  )
}

interface OperationEmitters {
  readonly read: ChangeEmitter
  readonly insert: ChangeEmitter
  readonly update: ChangeEmitter
  readonly updateWithBefore: ChangeEmitter
  readonly remove: ChangeEmitter
  readonly tombstone: ChangeEmitter
  readonly truncate: ChangeEmitter
  readonly keyChange: ChangeEmitter
}

class TableEmitter implements RelationEmitter {
  readonly #relation: Relation
  readonly #emitters: OperationEmitters
  readonly #log: TaskLogger
  readonly #position: ChangePosition
  readonly #failureMode: EnvelopeOptions['processingFailureMode']
  /** An update that changes none of these is left out; null: none is. */
  readonly #compared: ComparedColumns | null
  readonly #leftOut: LeftOutChanges
  /** The change at hand; filled again for each one. */
  readonly #row: { -readonly [K in keyof ChangeRow]: ChangeRow[K] } = { newRow: null, oldRow: null }
  #hasWarned = false

  constructor(
    relation: Relation,
    emitters: OperationEmitters,
    more: {
      readonly log: TaskLogger
      readonly position: ChangePosition
      readonly failureMode: EnvelopeOptions['processingFailureMode']
      readonly compared: ComparedColumns | null
      readonly leftOut: LeftOutChanges
    },
  ) {
    this.#relation = relation
    this.#emitters = emitters
    this.#log = more.log
    this.#position = more.position
    this.#failureMode = more.failureMode
    this.#compared = more.compared
    this.#leftOut = more.leftOut
  }

  read(row: Tuple): void {
    this.#emit(this.#emitters.read, null, row)
  }

  insert(after: Tuple): void {
    this.#emit(this.#emitters.insert, null, after)
  }

  update(before: OldTuple | null, after: Tuple): void {
    const { update, updateWithBefore, keyChange } = this.#emitters
    if (before === null) this.#emit(update, null, after)
    else {
      if (before.kind === 'full' && this.#compared?.areUnchanged(before.tuple, after) === true) {
        this.#leftOut.unchanged++
        return
      }
      const emitter = isKeyChanged(this.#relation, before, after) ? keyChange : updateWithBefore
      this.#emit(emitter, before.tuple, after)
    }
  }

  delete(before: OldTuple | null): void {
    if (before === null) {
      this.#warnOnce()
      return
    }
    this.#emit(this.#emitters.remove, before.tuple, null)
    this.#emit(this.#emitters.tombstone, before.tuple, null)
  }

  truncate(): void {
    this.#emit(this.#emitters.truncate, null, null)
  }

  #emit(emitter: ChangeEmitter, oldRow: Tuple | null, newRow: Tuple | null): void {
    const row = this.#row
    row.oldRow = oldRow
    row.newRow = newRow
    try {
      emitter.emit(row)
    } catch (error) {
      this.#leaveOut(error)
      if (emitter === this.#emitters.read) this.#leftOut.erroneousRows++
      else this.#leftOut.erroneousChanges++
    }
  }

  /** A change of which no record can be made, as `event.processing.failure.handling.mode` says. */
  #leaveOut(error: unknown): void {
    const mode = this.#failureMode
    if (mode === 'fail' || !(error instanceof DataError)) throw error
    const { schema, table } = this.#relation
    const fields = { schema, table, lsn: String(this.#position.lsn), reason: error.message }
    if (mode === 'warn') this.#log.warn(fields, 'a change was left out')
    else this.#log.debug(fields, 'a change was left out')
  }

  #warnOnce(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    const { schema, table } = this.#relation
    this.#log.warn(
      { schema, table },
      'deletes without a replica identity cannot be recorded and are left out',
    )
  }
}
