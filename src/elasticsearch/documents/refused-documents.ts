import { ConnectError } from '../../api/errors.ts'
import type { SinkTaskContext, TopicPartitionOffset } from '../../api/sink-task.ts'
import type { BulkBody } from '../bulk/bulk-body.ts'
import type { RefusedVerdict } from '../bulk/item-outcomes.ts'
import { readAction } from '../bulk/bulk-action.ts'
import { describeFailure, type ElasticsearchFailure } from '../client/elasticsearch-error.ts'
import { withoutDuplicateFields } from './json-duplicates.ts'
import { reportErrant } from './report-errant.ts'
import type { DocumentOptions } from '../sink-options.ts'

/** Why a document was refused, under the class name that dead letters of the reference carry. */
class ReportingException extends Error {
  override readonly name = 'io.confluent.connect.elasticsearch.ElasticsearchClient$ReportingException'

  constructor(message: string) {
    super(message)
    // Where the answer was read is no clue, and traces would show it.
    delete this.stack
  }
}

/** Decides what becomes of documents that do not fit: passed over, reported, or the end of the task. */
export class RefusedDocuments {
  readonly #onMalformed: DocumentOptions['onMalformed']
  readonly #context: SinkTaskContext

  constructor(onMalformed: DocumentOptions['onMalformed'], context: SinkTaskContext) {
    this.#onMalformed = onMalformed
    this.#context = context
  }

  /** Answers other lines to send in the item's place, or null: it is dealt with. Throws to fail the task. */
  async refusedItem(body: BulkBody, item: number, verdict: RefusedVerdict): Promise<Buffer | null> {
    // An id of topic, partition and offset that exists is this very record, which was sent twice.
    if (verdict.kind === 'exists' && body.orderedIdOf(item) === null) return null
    const lines = body.itemBytes(item).toString('utf8')
    const endOfAction = lines.indexOf('\n') + 1
    const document = lines.slice(endOfAction, -1)
    if (verdict.kind === 'malformed' && document !== '') {
      const other = withoutDuplicateFields(document)
      if (other !== null) return Buffer.from(`${lines.slice(0, endOfAction)}${other}\n`)
    }
    const { topic, partition } = body.progressOf(item)
    const offset = BigInt(body.offsetOf(item))
    const { index, id } = readAction(lines)
    const documentName = `document '${id ?? '(no id)'}' of index '${index}'`
    await this.refused({ topic, partition, offset }, verdict, documentName)
    return null
  }

  /** Resolves when the record may count as done. Throws to fail the task. @param document names it, for messages */
  async refused(origin: TopicPartitionOffset, verdict: RefusedVerdict, document: string): Promise<void> {
    const { kind, failure } = verdict
    const { log } = this.#context
    const error = new ReportingException(`Indexing failed: ${describeFailure(failure)}`)
    await reportErrant(this.#context, origin, error)
    const { topic, partition, offset } = origin
    if (kind === 'exists') {
      const fields = { topic, partition, offset: Number(offset) }
      log.warn(fields, 'Passed over a record: the data stream has a document with its key already')
      return
    }
    if (kind === 'fatal' || this.#onMalformed === 'fail') throw indexingFailed(origin, failure, document)
    // The reason may quote the document: not above debug.
    const fields = { topic, partition, offset: Number(offset), type: failure.type }
    if (this.#onMalformed === 'warn') log.warn(fields, 'Passed over a malformed document')
    log.debug({ ...fields, failure: describeFailure(failure) }, 'Why a document was passed over')
  }
}

/** The first line has the words that users of the reference look for; the cause has the reason. */
function indexingFailed(
  origin: TopicPartitionOffset,
  failure: ElasticsearchFailure,
  document: string,
): ConnectError {
  const { topic, partition, offset } = origin
  return new ConnectError(
    'elasticsearch.indexing-failed',
    'Indexing record failed. Please check DLQ topic for errors.',
    {
      origin,
      cause: new ReportingException(
        `Elasticsearch refused ${document}, from topic=${topic} partition=${partition} offset=${offset}: ${describeFailure(failure)}`,
      ),
    },
  )
}
