import { ConnectError, describeError } from '../../api/errors.ts'

export interface SearchDocument {
  readonly _id: string
  readonly _source: Readonly<Record<string, unknown>>
}

const DEADLINE_MS = 10_000
/** Ids in one query, far below the limit of terms (65,536); and hits in one answer, its limit. */
const IDS_AT_ONCE = 200
const MOST_HITS = 10_000

/** The few requests that the demo makes of Elasticsearch, OpenSearch or the embedded node. */
export class SearchClient {
  readonly #url: string
  readonly #headers: Record<string, string> = { 'content-type': 'application/json' }

  /** @param address with user and password where the server asks for them */
  constructor(address: string) {
    const url = new URL(address)
    if (url.username !== '') {
      const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
      this.#headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`
    }
    url.username = url.password = ''
    this.#url = url.href.replace(/\/+$/, '')
  }

  /** Throws `cli.search-unreachable` unless the server answers. */
  async check(): Promise<void> {
    await this.#request('GET', '/_cluster/health')
  }

  /** Null: there is none (yet). Sees a document as soon as it is indexed, before any refresh. */
  async document(index: string, id: string): Promise<SearchDocument | null> {
    const { status, body } = await this.#request('GET', `/${index}/_doc/${encodeURIComponent(id)}`)
    return status === 200 ? (body as SearchDocument) : null
  }

  /** The documents of the last rows, newest first. */
  async latest(index: string, size: number): Promise<readonly SearchDocument[]> {
    await this.#request('POST', `/${index}/_refresh`)
    return this.#search(index, { size, sort: [{ id: 'desc' }], query: { match_all: {} } })
  }

  /** Which of the rows no document was found for. */
  async missing(index: string, ids: readonly number[]): Promise<readonly number[]> {
    await this.#request('POST', `/${index}/_refresh`)
    const missing = new Set(ids)
    for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
      const some = ids.slice(at, at + IDS_AT_ONCE)
      const query = { bool: { filter: [{ terms: { id: some } }] } }
      for (const hit of await this.#search(index, { size: MOST_HITS, _source: ['id'], query })) {
        missing.delete(Number(hit._source['id']))
      }
    }
    return [...missing]
  }

  async #search(index: string, query: object): Promise<readonly SearchDocument[]> {
    const { status, body } = await this.#request('POST', `/${index}/_search`, query)
    if (status === 404) return []
    const { hits } = body as { readonly hits?: { readonly hits: readonly SearchDocument[] } }
    if (status === 200 && hits !== undefined) return hits.hits
    throw new ConnectError('cli.search-refused', `${this.#url} refused a search: ${JSON.stringify(body)}`)
  }

  async #request(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    try {
      const answer = await fetch(this.#url + path, {
        method,
        headers: this.#headers,
        signal: AbortSignal.timeout(DEADLINE_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: await answer.json() }
    } catch (cause) {
      throw new ConnectError('cli.search-unreachable', `No search server answers at ${this.#url}`, {
        cause: describeError(cause),
      })
    }
  }
}
