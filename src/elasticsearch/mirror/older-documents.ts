import { judgeAnswer } from '../bulk/request-outcome.ts'
import type { Answer } from '../client/client.ts'
import { asItIs } from '../client/cut-short.ts'
import { describeFailure, parseFailureAnswer } from '../client/elasticsearch-error.ts'
import { failedShards } from '../client/failed-shards.ts'
import { indexUnusable, notElasticsearch } from '../client/index-unusable.ts'
import type { PatientRequests } from '../client/patient-requests.ts'

const PAGE = 2000
const SCROLL = '1m'
const SEARCH = 'search for what to delete'
const BULK_PATH = '/_bulk?filter_path=errors,items.*.status,items.*.error'

/** Empties an index of what was written up to a version, as a truncated table asks for. */
export class OlderDocuments {
  readonly #requests: Pick<PatientRequests, 'send'>

  constructor(requests: Pick<PatientRequests, 'send'>) {
    this.#requests = requests
  }

  /**
   * Deletes the documents of an index whose version is not higher. Everything that was sent before must be done. Newer
   * documents stay: their changes came after. Throws `elasticsearch.index-unusable`.
   */
  async deleteUpTo(index: string, version: bigint): Promise<void> {
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

  /** Null: there is no such index or search, shards are missing in the page, or it is cut. */
  async #search(
    path: string,
    query: object,
    lacking: (answer: Answer) => string | null,
  ): Promise<Page | null> {
    const request = { method: 'POST', path, body: Buffer.from(JSON.stringify(query)) } as const
    const answer = await this.#requests.send(SEARCH, request, lacking)
    if (answer.status === 404 || failedShards(answer) !== null) return null
    if (answer.status !== 200) throw indexUnusable(SEARCH, parseFailureAnswer(answer.status, answer.bytes))
    const { _scroll_id: scroll, hits } = JSON.parse(answer.bytes.toString()) as Partial<SearchAnswer>
    if (scroll === undefined || !Array.isArray(hits?.hits)) throw notElasticsearch(SEARCH)
    return { scroll, hits: hits.hits }
  }

  /** What is refused for a cause that passes, as by an index that is read-only, is sent again with the rest of its page. */
  async #delete(index: string, hits: readonly Hit[], version: bigint): Promise<void> {
    const what = `delete documents of index ${index}`
    const lines = hits.map(
      ({ _id: id, _routing: routing }) =>
        `{"delete":{"_index":${JSON.stringify(index)},"_id":${JSON.stringify(id)},${routing === undefined ? '' : `"routing":${JSON.stringify(routing)},`}"version":${version},"version_type":"external_gte"}}\n`,
    )
    const request = {
      method: 'POST',
      path: BULK_PATH,
      body: Buffer.from(lines.join('')),
      contentType: 'application/x-ndjson',
    } as const
    const answer = await this.#requests.send(what, request, (answer) => notYet(answer, hits.length))
    const outcome = judgeAnswer(answer, hits.length)
    if (outcome.kind === 'done') return
    if (outcome.kind !== 'items') throw indexUnusable(what, parseFailureAnswer(answer.status, answer.bytes))
    // The index was deleted meanwhile, or the document is newer: neither is left to delete.
    for (const verdict of outcome.verdicts) {
      if ('failure' in verdict && verdict.kind !== 'index-missing') throw indexUnusable(what, verdict.failure)
    }
  }
}

/** Why documents are to be deleted once more; null: the answer is the last word. */
function notYet(answer: Answer, count: number): string | null {
  const outcome = judgeAnswer(answer, count)
  if (outcome.kind === 'retry') return outcome.reason
  if (outcome.kind !== 'items') return null
  for (const verdict of outcome.verdicts)
    if (verdict.kind === 'retry') return describeFailure(verdict.failure)
  return null
}

interface SearchAnswer {
  readonly _scroll_id: string
  readonly hits: { readonly hits: readonly Hit[] }
}

interface Page {
  readonly scroll: string
  readonly hits: readonly Hit[]
}

interface Hit {
  readonly _id: string
  readonly _routing?: string
}
