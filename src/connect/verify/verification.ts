import { ConfigError } from '../../api/errors.ts'
import type { SinkConnectorPlugin } from '../../api/plugin.ts'
import type { DocumentReader, TablePass } from '../../api/verification.ts'
import { ErrorTolerance } from '../error-tolerance.ts'
import type { JobEnvironment } from '../jobs/job-thread.ts'
import { loadRecordConverters } from '../record-converters.ts'
import { SinkRecordConverter } from '../sink-record-converter.ts'
import { TaskMeter } from '../task-meter.ts'
import { loadTransformationChain } from '../transformation-chain.ts'
import { caughtUp } from './caught-up.ts'
import { DigestTable, hashName, nameKey } from './digest-table.ts'
import { fieldsBesideRows } from './fields-beside-rows.ts'
import { FeedingSources } from './feeding-sources.ts'
import type { RowSource } from './row-source.ts'
import { SecondLook, type Suspect } from './second-look.ts'
import { sinkTopics } from '../sink-topics.ts'
import type { VerificationProgress, VerificationResult } from './verification-state.ts'
import type { VerifyWork } from './verify-work.ts'

/** What is held in memory at once: of more rows, a share is compared at a time. */
const MOST_ROWS = 4_000_000
/** What differs is held with its content. */
const MOST_SUSPECTS = 50_000
/** A moment is old then: an index remembers deletes for a minute. */
const OLD_MS = 40_000
/** Rows that change all the time are left alone after so many looks. */
const MOST_LOOKS = 8

/**
 * Compares the tables behind a sink with its indices. First all rows and all documents by their digests, whenever each of
 * them is read; what differs then may only have been under way, and is looked at again.
 */
export async function verify(
  { sink, sources, isRepairing }: VerifyWork,
  environment: JobEnvironment,
): Promise<VerificationResult> {
  const { catalogue, worker, logger, signal, log } = environment
  const plugin = (await catalogue.loadConnector(sink.config['connector.class'] ?? '')) as SinkConnectorPlugin
  if (plugin.type !== 'sink' || plugin.loadDocumentReader === undefined) {
    throw unsupported(
      `Connector ${sink.name} is not a sink whose documents can be compared with rows: name the sink of the index.`,
    )
  }
  const documents = (await plugin.loadDocumentReader())(sink.config, { log: logger, signal })
  const chain = await loadTransformationChain(sink.config, catalogue)
  const converters = await loadRecordConverters(sink.config, worker, catalogue)
  const tolerance = new ErrorTolerance(sink.config, {
    task: { connector: sink.name, task: 0 },
    logger,
    signal,
    meter: new TaskMeter(),
  })
  const converter = new SinkRecordConverter({ chain, converters, tolerance, deadLetters: null })
  const feeding = new FeedingSources(environment)
  try {
    const topics = await sinkTopics(sink.config, log)
    const source = await feeding.of(topics, sources, ({ isNone }) =>
      unsupported(
        `${isNone ? 'No source connector' : 'More than one source connector'} of this worker writes rows to the topics of ${sink.name} (${topics.join(', ')}): verify compares the tables of one source with the indices of one sink.`,
      ),
    )
    const parts = { ...environment, documents, converter, topics, source, isRepairing }
    const verification = new Verification(sink.name, parts)
    if (documents.areValuesDocuments) documents.leaveOut(fieldsBesideRows(source.config, sink.config))
    return await verification.run()
  } finally {
    feeding.close()
    documents.close()
    chain.close()
  }
}

function unsupported(message: string): ConfigError {
  return new ConfigError('connect.verify-unsupported', message)
}

interface Surroundings extends JobEnvironment {
  readonly isRepairing: boolean
  readonly documents: DocumentReader
  readonly converter: SinkRecordConverter
  readonly topics: readonly string[]
  readonly source: RowSource
}

class Verification {
  readonly #sink: string
  readonly #parts: Surroundings
  readonly #suspects = new Map<number, Suspect>()
  readonly #name = { low: 0, high: 0 }
  readonly #indices: readonly string[]
  #tables: readonly string[] = []
  #rows = 0
  #documents = 0
  #isComplete = true

  constructor(sink: string, parts: Surroundings) {
    this.#sink = sink
    this.#parts = parts
    this.#indices = [...new Set(parts.topics.map((topic) => parts.documents.indexOf(topic)))]
  }

  async run(): Promise<VerificationResult> {
    const { documents, isRepairing } = this.#parts
    await this.#firstLook()
    const look = new SecondLook(documents, isRepairing)
    for (let looks = 0; this.#suspects.size > 0 && looks < MOST_LOOKS; looks++) await this.#lookAgain(look)
    return {
      tables: this.#tables,
      indices: this.#indices,
      rows: this.#rows,
      documents: this.#documents,
      ...look.counts,
      repaired: look.repaired,
      unsettled: this.#suspects.size,
      isComplete: this.#isComplete,
      differences: look.differences,
    }
  }

  /** Rows and documents by their digests: in shares, where they are too many for the memory. */
  async #firstLook(): Promise<void> {
    const { documents } = this.#parts
    let expected = 0
    for (const index of this.#indices) expected += await documents.count(index)
    for (let share = 0, shares = 1; share < shares; share++) {
      const pass = await this.#begin()
      try {
        if (share === 0) shares = Math.max(1, Math.ceil(Math.max(expected, pass.expectedRows) / MOST_ROWS))
        await this.#compare(pass, { share, shares, expected })
      } finally {
        pass.close()
      }
    }
  }

  async #compare(
    pass: TablePass,
    {
      share,
      shares,
      expected,
    }: { readonly share: number; readonly shares: number; readonly expected: number },
  ): Promise<void> {
    const { documents } = this.#parts
    const table = new DigestTable(Math.max(expected, pass.expectedRows) / shares)
    const isOther = (): boolean => this.#name.high % shares !== share
    await this.#read(pass, 'reading rows', ({ digest }) => {
      if (isOther()) return
      this.#rows++
      table.set(this.#name, digest)
    })
    let done = 0
    for (const index of this.#indices) {
      await documents.scan(index, (document) => {
        if (++done % 5000 === 0) this.#tell('reading documents', done, expected)
        hashName(document, this.#name)
        if (isOther()) return
        this.#documents++
        if (table.meet(this.#name, document.digest) === 'same') return
        this.#suspect(nameKey(this.#name), { index, id: document.id })
      })
    }
    for (const name of table.missing()) this.#suspect(nameKey(name), null)
  }

  #suspect(key: number, name: Suspect['name']): void {
    if (this.#suspects.size >= MOST_SUSPECTS) this.#isComplete = false
    else this.#suspects.set(key, { name, row: null, missed: 0, version: null, isWritten: false })
  }

  async #lookAgain(look: SecondLook): Promise<void> {
    const { log, source, topics, signal, documents } = this.#parts
    // Before the pass: what it does not show comes after them.
    const lastOffsets = documents.areVersionsOffsets ? await this.#lastOffsets() : null
    const pass = await this.#begin()
    const begunMs = performance.now()
    try {
      for (const suspect of this.#suspects.values()) suspect.row = null
      await this.#read(pass, 'looking again', (document) => {
        const suspect = this.#suspects.get(nameKey(this.#name))
        if (suspect === undefined) return
        suspect.name = { index: document.index, id: document.id }
        suspect.row = document.json()
      })
    } finally {
      pass.close()
    }
    await caughtUp(pass.position, { log, reader: source.reader, sink: this.#sink, topics, signal })
    const isOld = performance.now() - begunMs > OLD_MS
    await look.settle(this.#suspects, { version: pass.version, lastOffsets, isOld })
  }

  /** By index. Which partition a row goes to is not known: the lowest of them. */
  async #lastOffsets(): Promise<ReadonlyMap<string, bigint>> {
    const { log, topics, documents } = this.#parts
    const lowest = new Map<string, bigint>()
    for (const topic of topics) {
      const index = documents.indexOf(topic)
      for (const { endOffset } of (await log.describeTopic(topic))?.partitions ?? []) {
        const last = endOffset > 0n ? endOffset - 1n : 0n
        const known = lowest.get(index)
        if (known === undefined || last < known) lowest.set(index, last)
      }
    }
    return lowest
  }

  async #begin(): Promise<TablePass> {
    const { source, topics } = this.#parts
    const pass = await source.reader.begin((topic) => topics.includes(topic))
    this.#tables = pass.tables
    return pass
  }

  /** @param take called for each row, whose name's hash is in `#name` */
  async #read(
    pass: TablePass,
    phase: VerificationProgress['phase'],
    take: Parameters<DocumentReader['expected']>[1],
  ): Promise<void> {
    const { source, converter, documents, topics } = this.#parts
    const read = new Set<string>(pass.topics)
    let done = 0
    for await (const batch of source.read(pass, { isWanted: (topic) => topics.includes(topic), converter })) {
      read.add(batch.topic)
      await documents.expected(batch, (document) => {
        done++
        hashName(document, this.#name)
        take(document)
      })
      this.#tell(phase, done, pass.expectedRows)
    }
    const unread = topics.find((topic) => !read.has(topic))
    if (unread === undefined) return
    // Its documents would be taken for extra ones, and deleted.
    throw unsupported(
      `No table of the source writes to topic ${unread} of ${this.#sink}: take it off the sink, or verify a sink of the other topics.`,
    )
  }

  #tell(phase: VerificationProgress['phase'], done: number, of: number): void {
    this.#parts.signal.throwIfAborted()
    this.#parts.onProgress({ phase, done, of: Math.max(done, of) })
  }
}
