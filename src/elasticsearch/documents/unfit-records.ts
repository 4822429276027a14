import { DataError } from '../../api/errors.ts'
import type { SinkTaskContext, TopicPartitionOffset } from '../../api/sink-task.ts'
import { IdTooLongError, type DocumentSource } from './document-writer.ts'
import { OccasionalWarning } from '../occasional-warning.ts'
import type { RefusedDocuments } from './refused-documents.ts'
import { reportErrant } from './report-errant.ts'

/** Which record an error is about: the reference's words, which users look for, do not say. The last line of a trace. */
class RecordPlace extends Error {
  override readonly name = 'Record'

  constructor({ topic, partition, offset }: TopicPartitionOffset, cause: unknown) {
    super(`topic=${topic} partition=${partition} offset=${offset}`, { cause })
    // Where it was noticed is no clue, and traces would show it.
    delete this.stack
  }
}

/** What becomes of records that cannot be documents. */
export class UnfitRecords {
  readonly #context: SinkTaskContext
  readonly #refusedDocuments: RefusedDocuments
  readonly #isDropped: boolean
  readonly #dropped: OccasionalWarning

  /** @param isDropped `drop.invalid.message` */
  constructor(context: SinkTaskContext, refusedDocuments: RefusedDocuments, isDropped: boolean) {
    this.#context = context
    this.#refusedDocuments = refusedDocuments
    this.#isDropped = isDropped
    this.#dropped = new OccasionalWarning(context.log, 'Passed over a record that cannot be a document')
  }

  /** Deals with a record that could not be made into a document. Throws to fail the task. */
  async notWritten(source: DocumentSource, error: unknown): Promise<void> {
    if (error instanceof IdTooLongError) {
      await this.refuse(source, 'action_request_validation_exception', error.message)
    } else if (error instanceof DataError) await this.invalid(originOf(source), error)
    else throw error
  }

  /** A document that Elasticsearch would refuse together with its whole request. */
  async refuse(source: DocumentSource, type: string, reason: string): Promise<void> {
    const verdict = { kind: 'malformed', failure: { type, reason, causedBy: null } } as const
    await this.#refusedDocuments.refused(
      originOf(source),
      verdict,
      `a document of index '${source.target.index}'`,
    )
  }

  /** A record that cannot be converted. Throws to fail the task. */
  async invalid(origin: TopicPartitionOffset, error: DataError): Promise<void> {
    await reportErrant(this.#context, origin, error)
    if (!this.#isDropped) throw Object.assign(error, { cause: new RecordPlace(origin, error.cause) })
    const { topic, partition, offset } = origin
    this.#dropped.warn({ topic, partition, offset: Number(offset), reason: error.message }, performance.now())
  }
}

/** The record that a document is made of. */
export function originOf({ progress, offset }: DocumentSource): TopicPartitionOffset {
  return { topic: progress.topic, partition: progress.partition, offset: BigInt(offset) }
}
