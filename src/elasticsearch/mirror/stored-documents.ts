import { ConnectError } from '../../api/errors.ts'
import { describeFailure, parseFailureAnswer } from '../client/elasticsearch-error.ts'
import type { PatientRequests } from '../client/patient-requests.ts'
import { rawFields } from './raw-fields.ts'

const PAGE = 2000
const SCROLL = '1m'

/** What is in an index already. */
export class StoredDocuments {
  readonly #requests: PatientRequests

  constructor(requests: PatientRequests) {
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
    const at = `/${encodeURIComponent(index)}`
    const refreshed = await this.#requests.send(`refresh index ${index}`, { method: 'POST', path: `${at}/_refresh` }) // prettier-ignore
    if (refreshed.status === 404) return
    let page = await this.#search(`${at}/_search?scroll=${SCROLL}`, {
      size: PAGE,
      _source: false,
      sort: ['_doc'],
    })
    try {
      while (page.hits.length > 0) {
        await this.#delete(index, page.hits, version)
        page = await this.#search('/_search/scroll', { scroll: SCROLL, scroll_id: page.scroll })
      }
    } finally {
      const body = Buffer.from(JSON.stringify({ scroll_id: page.scroll }))
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

  async #search(
    path: string,
    query: object,
  ): Promise<{ readonly hits: readonly Hit[]; readonly scroll: string }> {
    const body = Buffer.from(JSON.stringify(query))
    const answer = await this.#requests.send('search for what to delete', { method: 'POST', path, body })
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
