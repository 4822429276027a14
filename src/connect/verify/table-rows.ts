import { ConfigError } from '../../api/errors.ts'
import type { DocumentReader, ExpectedDocument, TablePass, WantedKeys } from '../../api/verification.ts'
import type { ConnectorOf } from '../jobs/job-spec.ts'
import type { JobEnvironment } from '../jobs/job-thread.ts'
import type { SinkRecordConverter } from '../sink/sink-record-converter.ts'
import { hashName } from './digest-table.ts'
import type { RowSource } from './row-source.ts'
import type { VerificationProgress } from './verification-state.ts'

export interface TableRowsParts extends Pick<JobEnvironment, 'signal' | 'onProgress'> {
  readonly sink: ConnectorOf
  readonly documents: DocumentReader
  readonly converter: SinkRecordConverter
  readonly topics: readonly string[]
  readonly source: RowSource
}

/** The rows behind a sink, as the documents that it would make of them. */
export class TableRows {
  /** `schema.table`, as they were when they were read last. */
  tables: readonly string[] = []
  /** The hash of the name of the row that was read last. */
  readonly name = { low: 0, high: 0 }
  readonly #parts: TableRowsParts

  constructor(parts: TableRowsParts) {
    this.#parts = parts
  }

  /** @param only null: all rows */
  async begin(only: WantedKeys | null): Promise<TablePass> {
    const { source, topics } = this.#parts
    const pass = await source.reader.begin((topic) => topics.includes(topic), only)
    this.tables = pass.tables
    return pass
  }

  /**
   * Reads a pass to its end, and closes it.
   *
   * @param phase what is told of it
   * @param take called for each row, whose name's hash is in `name`
   * @returns the topics of the rows
   */
  async read(
    pass: TablePass,
    phase: VerificationProgress['phase'],
    take: (document: ExpectedDocument) => void,
  ): Promise<ReadonlySet<string>> {
    const { source, converter, documents, topics } = this.#parts
    const read = new Set<string>(pass.topics)
    let done = 0
    try {
      const isWanted = (topic: string): boolean => topics.includes(topic)
      for await (const batch of source.read(pass, { isWanted, converter })) {
        read.add(batch.topic)
        await documents.expected(batch, (document) => {
          done++
          hashName(document, this.name)
          take(document)
        })
        this.tell(phase, done, pass.expectedRows)
      }
    } finally {
      pass.close()
    }
    return read
  }

  /** All of them. Throws `ConfigError` where a topic has no table: its documents would be taken for extra ones, and deleted. */
  async readAll(
    pass: TablePass,
    phase: VerificationProgress['phase'],
    take: (document: ExpectedDocument) => void,
  ): Promise<void> {
    const { sink, topics } = this.#parts
    const read = await this.read(pass, phase, take)
    const unread = topics.find((topic) => !read.has(topic))
    if (unread === undefined) return
    throw new ConfigError(
      'connect.verify-unsupported',
      `No table of the source writes to topic ${unread} of ${sink.name}: take it off the sink, or verify a sink of the other topics.`,
    )
  }

  tell(phase: VerificationProgress['phase'], done: number, of: number): void {
    this.#parts.signal.throwIfAborted()
    const progress: VerificationProgress = { phase, done, of: Math.max(done, of) }
    this.#parts.onProgress(progress)
  }
}
