import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError, ConnectError } from '../../api/errors.ts'
import type { VerificationContext } from '../../api/plugin.ts'
import type { SinkBatch } from '../../api/sink-task.ts'
import type {
  DocumentName,
  DocumentReader,
  DocumentRepair,
  ExpectedDocument,
  FoundDocument,
  StoredDocument,
} from '../../api/verification.ts'
import { ElasticsearchClient } from '../client/client.ts'
import { parseFailureAnswer } from '../client/elasticsearch-error.ts'
import { IndexScroll, type HitsPage, type ScrollQuery } from '../client/index-scroll.ts'
import { indexUnusable, notElasticsearch } from '../client/index-unusable.ts'
import { IndexKeeper } from '../indices/index-keeper.ts'
import { arrayElements, findField, findValue, type Place } from '../documents/json-walk.ts'
import { keyOfId } from '../mirror/key-id.ts'
import { rawFields } from '../mirror/raw-fields.ts'
import { PatientRequests } from '../client/patient-requests.ts'
import { sinkOptions, type SinkOptions } from '../sink-options.ts'
import { TopicTargets } from '../indices/topic-targets.ts'
import { digestOf, isSameJson } from './document-digest.ts'
import { ExpectedDocuments, type FieldNames } from './expected-documents.ts'

const PAGE = 5000
/** As many as an index lets go at once. */
const PAGE_OF_IDS = 10_000
/** Requests that fail are tried again so often: somebody waits for the answer. */
const MOST_RETRIES = 5
const [ID, SOURCE, DOCS] = ['_id', '_source', 'docs'].map((name) => Buffer.from(name))
const OPEN_BRACKET = 0x5b

/** The documents of an index whose ids are keys of rows. */
export class ElasticsearchDocuments implements DocumentReader {
  readonly #client: ElasticsearchClient
  readonly #requests: PatientRequests
  readonly #scroll: IndexScroll
  readonly #targets: TopicTargets
  readonly #expected: ExpectedDocuments
  readonly #options: SinkOptions['documents']
  readonly #leftOut: FieldNames = { all: [] }
  #leftOutNames: ReadonlySet<string> = new Set()

  constructor(config: ConnectorConfig, context: VerificationContext) {
    const options = sinkOptions(config)
    this.#options = options.documents
    requireRows(options)
    this.#client = new ElasticsearchClient(options.client)
    const patience = { retryBackoffMs: options.writer.retryBackoffMs, maxRetries: MOST_RETRIES }
    this.#requests = new PatientRequests(this.#client, patience, { context, random: Math.random })
    this.#scroll = new IndexScroll(this.#requests)
    this.#targets = new TopicTargets(options.documents, new IndexKeeper(this.#requests, context.log))
    this.#expected = new ExpectedDocuments(this.#targets, options.documents, this.#leftOut)
  }

  get areVersionsOffsets(): boolean {
    return this.#options.mirror?.version !== 'lsn'
  }

  get areValuesDocuments(): boolean {
    return this.#options.mirror === null
  }

  leaveOut(fields: readonly string[]): void {
    this.#leftOutNames = new Set(fields)
    this.#leftOut.all = fields.map((field) => Buffer.from(JSON.stringify(field).slice(1, -1)))
  }

  indexOf(topic: string): string {
    const target = this.#targets.of(topic)
    if (!target.isKeyed) throw unsupported(`The sink has key.ignore=true for topic ${topic}`)
    return target.index
  }

  expected(batch: SinkBatch, take: (document: ExpectedDocument) => void): Promise<void> {
    return this.#expected.of(batch, take)
  }

  async count(index: string): Promise<number> {
    const bytes = await this.#answer(`count the documents of index ${index}`, `${pathOf(index)}/_count`, {})
    return bytes === null ? 0 : (JSON.parse(bytes.toString()) as { count: number }).count
  }

  scan(index: string, take: (document: FoundDocument) => void): Promise<void> {
    const leftOut = this.#leftOut.all
    return this.#read(index, { size: PAGE }, (page) => takeHits(page, { index, leftOut }, take))
  }

  scanIds(index: string, take: (id: string) => void): Promise<void> {
    return this.#read(index, { size: PAGE_OF_IDS, _source: false }, ({ bytes, hits }) => {
      for (const hit of hits) take(idOf(bytes, hit))
    })
  }

  keyOf(id: string, columns: number): readonly string[] | null {
    return keyOfId(id, columns)
  }

  async #read(index: string, query: ScrollQuery, take: (page: HitsPage) => void): Promise<void> {
    if (!(await this.#scroll.read(index, query, take))) throw gone(index)
  }

  async read(names: readonly DocumentName[]): Promise<readonly (StoredDocument | null)[]> {
    if (names.length === 0) return []
    const docs = names.map(({ index, id }) => ({ _index: index, _id: id }))
    const bytes = await this.#answer('read documents', '/_mget?realtime=true', { docs })
    if (bytes === null) throw gone(names[0]!.index)
    const at = findValue(bytes, [0, bytes.length], DOCS!)
    if (bytes[at] !== OPEN_BRACKET) throw notElasticsearch('read documents')
    return arrayElements(bytes, at).map(([start, end]) => {
      const fields = rawFields(bytes.toString('utf8', start, end))
      const json = fields.get('_source')
      if (fields.get('found') !== 'true' || json === undefined) return null
      return { version: BigInt(fields.get('_version')!), json }
    })
  }

  isSame(expected: string, stored: string): boolean {
    return isSameJson(expected, stored, this.#leftOutNames)
  }

  async repair(repairs: readonly DocumentRepair[]): Promise<readonly boolean[]> {
    if (repairs.length === 0) return []
    const body = Buffer.from(repairs.map(bulkLines).join(''))
    const { status, bytes } = await this.#requests.send('repair documents', {
      method: 'POST',
      path: '/_bulk',
      body,
      contentType: 'application/x-ndjson',
    })
    if (status !== 200) throw indexUnusable('repair documents', parseFailureAnswer(status, bytes))
    const { items } = JSON.parse(bytes.toString()) as { items: Record<string, BulkItem>[] }
    return items.map((item, i) => {
      const { status, error } = Object.values(item)[0]!
      // 404: gone already; 409: a newer change came in between.
      if (status < 300 || status === 404) return true
      if (status === 409) return false
      const { index, id } = repairs[i]!
      throw new ConnectError(
        'elasticsearch.index-unusable',
        `Failed to repair document '${id}' of index ${index} due to '${error?.type}: ${error?.reason}'`,
      )
    })
  }

  close(): void {
    this.#client.close()
  }

  /** Null: there is no such index. */
  async #answer(what: string, path: string, body: object): Promise<Buffer | null> {
    const request = { method: 'POST', path, body: Buffer.from(JSON.stringify(body)) } as const
    const { status, bytes } = await this.#requests.send(what, request)
    if (status === 404) return null
    if (status !== 200) throw indexUnusable(what, parseFailureAnswer(status, bytes))
    return bytes
  }
}

interface BulkItem {
  readonly status: number
  readonly error?: { readonly type: string; readonly reason: string }
}

function bulkLines({ index, id, json, version }: DocumentRepair): string {
  const action = { _index: index, _id: id, version_type: 'external_gte' }
  // A version may be too large for a number.
  const fields = `${JSON.stringify(action).slice(0, -1)},"version":${version}}`
  if (json === null) return `{"delete":${fields}}\n`
  return `{"index":${fields}}\n${json.replace(/[\r\n]/g, ' ')}\n`
}

function takeHits(
  { bytes, hits }: HitsPage,
  { index, leftOut }: { readonly index: string; readonly leftOut: readonly Buffer[] },
  take: (document: FoundDocument) => void,
): void {
  const document = { index, id: '', digest: { low: 0, high: 0 } }
  for (const hit of hits) {
    const source = findField(bytes, hit, SOURCE!)
    document.id = idOf(bytes, hit)
    if (source === null) document.digest.low = document.digest.high = 0
    else digestOf(bytes, { start: source[0], end: source[1], leftOut }, document.digest)
    take(document)
  }
}

function idOf(bytes: Buffer, hit: Place): string {
  const id = findField(bytes, hit, ID!)!
  return JSON.parse(bytes.toString('utf8', id[0], id[1])) as string
}

/** Elsewhere a document is no row, or is found at no place or version that could be known. */
function requireRows({ documents, writer }: SinkOptions): void {
  const refuse = (what: string): never => {
    throw unsupported(what)
  }
  if (documents.isUpsert) refuse('The sink has write.method=upsert')
  if (documents.hasAutogeneratedIds) refuse('The sink has use.autogenerated.ids=true')
  if (documents.isDataStream) refuse('The sink writes data streams')
  if (documents.indexName.isDated) refuse('The index names of the sink have dates')
  if (documents.routingField !== null) refuse('The sink has routing.field')
  if (documents.versionHeader !== null) refuse('The sink has external.version.header')
  if (writer.pipeline !== null) refuse('The sink has a pipeline, which makes documents that are no rows')
}

function unsupported(what: string): ConfigError {
  return new ConfigError(
    'connect.verify-unsupported',
    `${what}: verify compares rows with the documents of a sink with mode=mirror, or with key.ignore=false, without data streams, dated index names, upserts, routing.field, external.version.header and pipeline.`,
  )
}

function pathOf(index: string): string {
  return `/${encodeURIComponent(index)}`
}

function gone(index: string): ConnectError {
  return new ConnectError('elasticsearch.index-unusable', `Index ${index} is gone: verify again`)
}
