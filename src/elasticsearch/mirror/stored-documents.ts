import { ConnectError } from '../../api/errors.ts'
import { describeFailure, parseFailureAnswer } from '../client/elasticsearch-error.ts'
import type { Answer } from '../client/client.ts'
import { asItIs } from '../client/cut-short.ts'
import { failedShards } from '../client/failed-shards.ts'
import type { PatientRequests } from '../client/patient-requests.ts'
import { rawFields } from './raw-fields.ts'

const PAGE = 2000
const SCROLL = '1m'

/** What is in an index already. */
export class StoredDocuments {
  readonly #requests: Pick<PatientRequests, 'send'>

  constructor(requests: Pick<PatientRequests, 'send'>) {
    this.#requests = requests
  }

  /** The fields of a document, as written last, indexed or not; null: there is none. */
  async read(index: string, id: string, routing: string | null): Promise<ReadonlyMap<string, string> | null> {
    const answer = await this.#get(index, id, { routing })
    const source = answer === null ? undefined : rawFields(answer).get('_source')
    return source === undefined ? null : rawFields(source)
  }

  /** The version of a document, as written last; null: there is none. */
  async version(index: string, id: string, routing: string | null): Promise<bigint | null> {
    const answer = await this.#get(index, id, { routing, parameters: '_source=false' })
    const version = answer === null ? undefined : rawFields(answer).get('_version')
    return version === undefined ? null : BigInt(version)
  }

  /**
   * Deletes the documents of an index whose version is not higher. Everything that was sent before must be done. Newer
   * documents stay: their changes came after.
   */
  async deleteBefore(index: string, version: bigint): Promise<void> {
    const request = { method: 'POST', path: `/${encodeURIComponent(index)}/_refresh` } as const
    const refreshed = await this.#requests.send(`refresh index ${index}`, request, failedShards)
    if (refreshed.status === 404) return
    while (!(await this.#deleteFound(index, version)));
  }

  /** False: the search was lost on the way, as when Elasticsearch is started again; what is left is to be searched for. */
  async #deleteFound(index: string, version: bigint): Promise<boolean> {
    const first = { size: PAGE, _source: false, sort: ['_doc'] }
    const path = `/${encodeURIComponent(index)}/_search?scroll=${SCROLL}`
    let page = await this.#search(path, first, failedShards)
    // The index was deleted meanwhile: a first page that shards are missing in is asked for again.
    if (page === null) return true
    let { scroll } = page
    try {
      while (page.hits.length > 0) {
        await this.#delete(index, page.hits, version)
        page = await this.#search('/_search/scroll', { scroll: SCROLL, scroll_id: scroll }, asItIs)
        if (page === null) return false
        scroll = page.scroll
      }
      return true
    } finally {
      const body = Buffer.from(JSON.stringify({ scroll_id: scroll }))
      await this.#requests.send('end a search', { method: 'DELETE', path: '/_search/scroll', body })
    }
  }

  /** The answer's text; null: there is no such document. */
  async #get(
    index: string,
    id: string,
    { routing, parameters = '' }: { readonly routing: string | null; readonly parameters?: string },
  ): Promise<string | null> {
    const shard = routing === null ? '' : `routing=${encodeURIComponent(JSON.parse(routing) as string)}`
    const query = [parameters, shard].filter((part) => part !== '').join('&')
    const path = `/${encodeURIComponent(index)}/_doc/${encodeURIComponent(id)}${query === '' ? '' : `?${query}`}`
    const request = { method: 'GET', path } as const
    const { status, bytes } = await this.#requests.send(`read a document of index ${index}`, request)
    if (status === 404) return null
    if (status !== 200) throw unusable(`read document '${id}' of index ${index}`, status, bytes)
    return bytes.toString()
  }

  /** Null: there is no such index or search, shards are missing in the page, or it is cut. */
  async #search(
    path: string,
    query: object,
    lacking: (answer: Answer) => string | null,
  ): Promise<{ readonly hits: readonly Hit[]; readonly scroll: string } | null> {
    const request = { method: 'POST', path, body: Buffer.from(JSON.stringify(query)) } as const
    const answer = await this.#requests.send('search for what to delete', request, lacking)
    if (answer.status === 404 || failedShards(answer) !== null) return null
    if (answer.status !== 200) throw unusable('search for what to delete', answer.status, answer.bytes)
    const { _scroll_id: scroll, hits } = JSON.parse(answer.bytes.toString()) as {
      _scroll_id: string
      hits: { hits: Hit[] }
    }
    return { hits: hits.hits, scroll }
  }

  async #delete(index: string, hits: readonly Hit[], version: bigint): Promise<void> {
    const lines = hits.map(
      ({ _id: id, _routing: routing }) =>
        `{"delete":{"_index":${JSON.stringify(index)},"_id":${JSON.stringify(id)},${routing === undefined ? '' : `"routing":${JSON.stringify(routing)},`}"version":${version},"version_type":"external_gte"}}\n`,
    )
    for (let waiting = lines; waiting.length > 0;) {
      const answer = await this.#requests.send('delete documents', {
        method: 'POST',
        path: '/_bulk?filter_path=items.*.status',
        body: Buffer.from(waiting.join('')),
        contentType: 'application/x-ndjson',
      })
      if (answer.status !== 200)
        throw unusable(`delete documents of index ${index}`, answer.status, answer.bytes)
      const { items } = JSON.parse(answer.bytes.toString()) as { items: { delete: { status: number } }[] }
      // 404: gone already; 409: newer. Everything else is sent again.
      waiting = waiting.filter((_, i) => ![200, 404, 409].includes(items[i]?.delete.status ?? 0))
    }
  }
}

interface Hit {
  readonly _id: string
  readonly _routing?: string
}

function unusable(what: string, status: number, bytes: Buffer): ConnectError {
  const failure = describeFailure(parseFailureAnswer(status, bytes))
  return new ConnectError('elasticsearch.index-unusable', `Failed to ${what} due to '${failure}'`)
}
