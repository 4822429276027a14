import { ConfigError } from '../../api/errors.ts'
import type { SinkConnectorPlugin } from '../../api/plugin.ts'
import type { ExpectedDocument, TablePass, WantedKeys } from '../../api/verification.ts'
import { ErrorTolerance } from '../task/error-tolerance.ts'
import type { JobEnvironment } from '../jobs/job-thread.ts'
import { loadRecordConverters } from '../task/record-converters.ts'
import { SinkRecordConverter } from '../sink/sink-record-converter.ts'
import { openSinkLog } from '../task/task-client.ts'
import { TaskMeter } from '../task/task-meter.ts'
import { loadTransformationChain } from '../task/transformation-chain.ts'
import { caughtUp } from './caught-up.ts'
import { nameKey } from './digest-table.ts'
import { fieldsBesideRows } from './fields-beside-rows.ts'
import { FeedingSources } from './feeding-sources.ts'
import { FirstLook } from './first-look.ts'
import { keepsKeys } from './keeps-keys.ts'
import { SecondLook } from './second-look.ts'
import { sinkTopics } from '../sink/sink-topics.ts'
import { TableRows, type TableRowsParts } from './table-rows.ts'
import type { VerificationResult } from './verification-state.ts'
import type { VerifyWork } from './verify-work.ts'

/** A moment is old then: an index remembers deletes for a minute. */
const OLD_MS = 40_000
/** Rows that change all the time are left alone after so many looks. */
const MOST_LOOKS = 8

/**
 * Compares the tables behind a sink with its indices. First all rows and all documents by their digests, whenever each of
 * them is read; what differs then may only have been under way, and is looked at again: rows by their keys, as far as
 * keys are known from the names of documents.
 */
export async function verify(
  { sink, sources, isRepairing }: VerifyWork,
  environment: JobEnvironment,
): Promise<VerificationResult> {
  const { catalogue, worker, logger, signal } = environment
  const plugin = (await catalogue.loadConnector(sink.config['connector.class'] ?? '')) as SinkConnectorPlugin
  if (plugin.type !== 'sink' || plugin.loadDocumentReader === undefined) {
    throw unsupported(
      `Connector ${sink.name} is not a sink whose documents can be compared with rows: name the sink of the index.`,
    )
  }
  const documents = (await plugin.loadDocumentReader())(sink.config, { log: logger, signal })
  const chain = await loadTransformationChain(sink.config, catalogue, { log: logger, tracing: null })
  const converters = await loadRecordConverters(sink.config, worker, catalogue)
  const tolerance = new ErrorTolerance(sink.config, {
    task: { connector: sink.name, task: 0 },
    logger,
    signal,
    meter: new TaskMeter(),
  })
  const converter = new SinkRecordConverter({ chain, converters, tolerance, deadLetters: null })
  const feeding = new FeedingSources(environment)
  const sinkLog = await openSinkLog(environment.log, sink.name, sink.config)
  const { log } = sinkLog
  try {
    const topics = await sinkTopics(sink.config, log)
    const source = await feeding.of(topics, sources, ({ isNone }) =>
      unsupported(
        `${isNone ? 'No source connector' : 'More than one source connector'} of this worker writes rows to the topics of ${sink.name} (${topics.join(', ')}): verify compares the tables of one source with the indices of one sink.`,
      ),
    )
    const parts = { ...environment, log, sink, documents, converter, topics, source }
    const verification = new Verification(parts, {
      isRepairing,
      areKeysKept: [source.config, sink.config].every(keepsKeys),
    })
    if (documents.areValuesDocuments) documents.leaveOut(fieldsBesideRows(source.config, sink.config))
    return await verification.run()
  } finally {
    feeding.close()
    documents.close()
    chain.close()
    await sinkLog.close()
  }
}

function unsupported(message: string): ConfigError {
  return new ConfigError('connect.verify-unsupported', message)
}

class Verification {
  readonly #parts: JobEnvironment & TableRowsParts
  readonly #isRepairing: boolean
  readonly #rows: TableRows
  readonly #indices: readonly string[]
  readonly #first: FirstLook
  /** Rows can be asked for by what their documents are called, as far as is known. */
  #areKeysKnown: boolean

  /** @param areKeysKept whether records have the keys of their rows */
  constructor(
    parts: JobEnvironment & TableRowsParts,
    { isRepairing, areKeysKept }: { readonly isRepairing: boolean; readonly areKeysKept: boolean },
  ) {
    this.#parts = parts
    this.#isRepairing = isRepairing
    this.#areKeysKnown = areKeysKept
    const { topics, documents } = parts
    this.#indices = [...new Set(topics.map((topic) => documents.indexOf(topic)))]
    this.#rows = new TableRows(parts)
    this.#first = new FirstLook(this.#rows, documents, this.#indices)
  }

  async run(): Promise<VerificationResult> {
    await this.#first.run()
    const { suspects, rows, documents, isComplete } = this.#first
    const look = new SecondLook(this.#parts.documents, this.#isRepairing)
    for (let looks = 0; suspects.size > 0 && looks < MOST_LOOKS; looks++) await this.#lookAgain(look)
    return {
      tables: this.#rows.tables,
      indices: this.#indices,
      rows,
      documents,
      ...look.counts,
      repaired: look.repaired,
      unsettled: suspects.size,
      isComplete,
      differences: look.differences,
    }
  }

  async #lookAgain(look: SecondLook): Promise<void> {
    const { log, source, topics, signal, documents, sink } = this.#parts
    const { suspects } = this.#first
    const begunMs = performance.now()
    // Before the pass: what it does not show comes after them.
    const lastOffsets = documents.areVersionsOffsets ? await this.#lastOffsets() : null
    const { position, version } = await this.#readSuspects()
    await caughtUp(position, { log, reader: source.reader, sink, topics, signal })
    const isOld = performance.now() - begunMs > OLD_MS
    await look.settle(suspects, { version, lastOffsets, isOld })
  }

  /** Reads the rows of suspects as they are at one moment: by their keys, or all rows where that does not find them. */
  async #readSuspects(): Promise<TablePass> {
    const rows = this.#rows
    if (this.#areKeysKnown) {
      const known = this.#first.known.keys()
      const found = new Set<number>()
      const pass = await this.#begin(this.#keysOfSuspects())
      await rows.read(pass, 'looking again', (row) => {
        const key = nameKey(rows.name)
        if (known.has(key)) found.add(key)
        this.#takeRow(key, row)
      })
      if (this.#first.known.areAmong(found)) return pass
      this.#areKeysKnown = false
    }
    const pass = await this.#begin(null)
    await rows.readAll(pass, 'looking again', (row) => this.#takeRow(nameKey(rows.name), row))
    return pass
  }

  #begin(only: WantedKeys | null): Promise<TablePass> {
    for (const suspect of this.#first.suspects.values()) suspect.row = null
    return this.#rows.begin(only)
  }

  #takeRow(key: number, row: ExpectedDocument): void {
    const suspect = this.#first.suspects.get(key)
    if (suspect === undefined) return
    suspect.name = { index: row.index, id: row.id }
    suspect.row = row.json()
  }

  /** With some of rows that are known to be there. */
  #keysOfSuspects(): WantedKeys {
    const { documents } = this.#parts
    const { suspects, known } = this.#first
    const ids = new Set(known.ids())
    for (const { name } of suspects.values()) if (name !== null) ids.add(name.id)
    return (columns) => [...ids].map((id) => documents.keyOf(id, columns)).filter((key) => key !== null)
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
}
