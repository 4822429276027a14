import type { RecordBatchReader } from '../../api/record-batch.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { DocumentSource, DocumentWriter } from '../documents/document-writer.ts'
import type { PartitionProgress } from '../bulk/offset-tracker.ts'

/** Of the delete that an update of the key begins with: the row comes again under the key that it names. */
const NEW_KEY = '__debezium.newkey'
const NEW_KEY_BYTES = Buffer.from(NEW_KEY)

export function isMoved({ bytes, headersStart, headersEnd, headers }: RecordBatchReader): boolean {
  if (headersEnd <= headersStart || bytes.subarray(headersStart, headersEnd).indexOf(NEW_KEY_BYTES) < 0)
    return false
  return headers.some(({ name }) => name === NEW_KEY)
}

export function isMovedRecord({ headers }: SinkRecord): boolean {
  return headers.some(({ name }) => name === NEW_KEY)
}

interface MovedRow {
  /** Of the delete. */
  readonly source: DocumentSource
  readonly id: string
  readonly version: bigint
  /** Of the delete: it is under way while it waits. */
  readonly sequence: number
}

/**
 * Deletes that wait for the row to be written under its new key: what PostgreSQL did not send of it is only in the old
 * document. One for each partition, because the create comes next there; not longer than until the end of a `put`,
 * because where the topic has several partitions it may be in another one.
 */
export class MovedRows {
  readonly #documents: DocumentWriter
  readonly #waiting = new Map<PartitionProgress, MovedRow>()

  constructor(documents: DocumentWriter) {
    this.#documents = documents
  }

  hold(source: DocumentSource, id: string, version: bigint): void {
    this.remove(source.progress)
    const sequence = source.progress.add(source.offset)
    this.#waiting.set(source.progress, { source: { ...source }, id, version, sequence })
  }

  /** The row that left its key just before; null: none did. */
  before({ progress }: DocumentSource): Pick<MovedRow, 'id' | 'source'> | null {
    if (this.#waiting.size === 0) return null
    return this.#waiting.get(progress) ?? null
  }

  /** Deletes what waits in the partition. */
  remove(progress: PartitionProgress): void {
    const moved = this.#waiting.get(progress)
    if (moved === undefined) return
    this.#waiting.delete(progress)
    this.#documents.removed(moved.source, moved.id, moved.version)
    progress.done(moved.sequence)
  }

  removeAll(): void {
    for (const progress of this.#waiting.keys()) this.remove(progress)
  }
}
