import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type { SinkConnectorPlugin } from '../../api/plugin.ts'
import type { DocumentReader, TablePass } from '../../api/verification.ts'
import type { Log } from '../../log/log.ts'
import { ErrorTolerance } from '../error-tolerance.ts'
import { listOf } from '../list-of.ts'
import { loadRecordConverters } from '../record-converters.ts'
import { SinkRecordConverter } from '../sink-record-converter.ts'
import { TaskMeter } from '../task-meter.ts'
import { loadTransformationChain } from '../transformation-chain.ts'
import { caughtUp } from './caught-up.ts'
import { DigestTable, hashName, nameKey } from './digest-table.ts'
import { RowSource, type RowSourceParts } from './row-source.ts'
import { SecondLook, type Suspect } from './second-look.ts'
import type { VerificationProgress, VerificationResult } from './verification-state.ts'

/** What is held in memory at once: of more rows, a share is compared at a time. */
const MOST_ROWS = 4_000_000
/** What differs is held with its content. */
const MOST_SUSPECTS = 50_000
/** Rows that change all the time are left alone after so many looks. */
const MOST_LOOKS = 8

export interface ConnectorOf {
  readonly name: string
  /** With its secrets. */
  readonly config: ConnectorConfig
}

export interface VerificationParts extends RowSourceParts {
  readonly log: Log
  readonly isRepairing: boolean
  readonly onProgress: (progress: VerificationProgress) => void
}

/**
 * Compares the tables behind a sink with its indices. First all rows and all documents by their digests, whenever each of
 * them is read; what differs then may only have been under way, and is looked at again.
 */
export async function verify(
  sink: ConnectorOf,
  sources: readonly ConnectorOf[],
  parts: VerificationParts,
): Promise<VerificationResult> {
  const { catalogue, worker, logger, signal } = parts
  const plugin = (await catalogue.loadConnector(sink.config['connector.class'] ?? '')) as SinkConnectorPlugin
  if (plugin.type !== 'sink' || plugin.loadDocumentReader === undefined) {
    throw new ConfigError(
      'connect.verify-unsupported',
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
  const opened: RowSource[] = []
  try {
    const topics = await topicsOf(sink.config, parts.log)
    const fed = await feedOf(topics, sources, { parts, opened, sink: sink.name })
    return await new Verification(sink.name, { ...parts, documents, converter, topics, source: fed }).run()
  } finally {
    for (const source of opened) source.close()
    documents.close()
    chain.close()
  }
}

/** The one source whose tables feed the sink. */
async function feedOf(
  topics: readonly string[],
  sources: readonly ConnectorOf[],
  {
    parts,
    opened,
    sink,
  }: { readonly parts: VerificationParts; readonly opened: RowSource[]; readonly sink: string },
): Promise<RowSource> {
  const isWanted = (topic: string): boolean => topics.includes(topic)
  const found: Record<'surely' | 'maybe' | 'no', RowSource[]> = { surely: [], maybe: [], no: [] }
  const failures: unknown[] = []
  for (const { name, config } of sources) {
    try {
      const source = await RowSource.open(name, config, parts)
      if (source === null) continue
      opened.push(source)
      found[await source.reader.feeds(isWanted)].push(source)
    } catch (error) {
      // It may be none of this sink's.
      failures.push(error)
    }
  }
  const feeding = found.surely.length > 0 ? found.surely : found.maybe
  if (feeding.length === 0 && failures.length > 0) throw failures[0]
  const [source] = feeding
  if (source !== undefined && feeding.length === 1) return source
  throw new ConfigError(
    'connect.verify-unsupported',
    `${feeding.length === 0 ? 'No source connector' : 'More than one source connector'} of this worker writes rows to the topics of ${sink} (${topics.join(', ')}): verify compares the tables of one source with the indices of one sink.`,
  )
}

async function topicsOf(config: ConnectorConfig, log: Log): Promise<readonly string[]> {
  const regex = config['topics.regex']?.trim() ?? ''
  if (regex === '') return listOf(config['topics'])
  const whole = new RegExp(`^(?:${regex})$`)
  return (await log.listTopics()).map(({ name }) => name).filter((name) => whole.test(name))
}

interface Surroundings extends VerificationParts {
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
    else this.#suspects.set(key, { name, row: null, missed: 0 })
  }

  async #lookAgain(look: SecondLook): Promise<void> {
    const { log, source, topics, signal } = this.#parts
    const pass = await this.#begin()
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
    await look.settle(this.#suspects, pass)
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
    throw new ConfigError(
      'connect.verify-unsupported',
      `No table of the source writes to topic ${unread} of ${this.#sink}: take it off the sink, or verify a sink of the other topics.`,
    )
  }

  #tell(phase: VerificationProgress['phase'], done: number, of: number): void {
    this.#parts.signal.throwIfAborted()
    this.#parts.onProgress({ phase, done, of: Math.max(done, of) })
  }
}
