import { arrayElements, findField, findValue, type Place } from '../documents/json-walk.ts'
import type { Answer } from './client.ts'
import { parseFailureAnswer } from './elasticsearch-error.ts'
import { failedShards } from './failed-shards.ts'
import { indexUnusable, notElasticsearch } from './index-unusable.ts'
import type { PatientRequests } from './patient-requests.ts'

const SCROLL = '2m'
const [SCROLL_ID, HITS] = [Buffer.from('_scroll_id'), Buffer.from('hits')]
const OPEN_BRACKET = 0x5b

/** Documents as a search gives them: JSON objects with `_id`, `_source` and so on. */
export interface HitsPage {
  readonly bytes: Buffer
  readonly hits: readonly Place[]
}

export interface ScrollQuery {
  /** Documents a page. */
  readonly size: number
  readonly _source?: false
}

/** Reads indices from one end to the other. */
export class IndexScroll {
  readonly #requests: PatientRequests

  constructor(requests: PatientRequests) {
    this.#requests = requests
  }

  /**
   * All documents of an index that were written before the call, in any order. A page that is lost on the way cannot be
   * asked for again, because the search is beyond it: then all begins again, and documents are given once more.
   *
   * False: the index was deleted meanwhile. One that was not there has no documents.
   * Throws `elasticsearch.index-unusable`, `elasticsearch.retries-exhausted`, `elasticsearch.stopped`.
   */
  async read(
    index: string,
    query: ScrollQuery,
    take: (page: HitsPage) => Promise<void> | void,
  ): Promise<boolean> {
    const what = `read index ${index}`
    const path = `/${encodeURIComponent(index)}`
    const refreshed = await this.#requests.send(what, post(`${path}/_refresh`), failedShards)
    if (refreshed.status === 404) return true
    if (refreshed.status !== 200) throw unusable(what, refreshed)
    const first = post(`${path}/_search?scroll=${SCROLL}`, { ...query, sort: ['_doc'] })
    const { isThere } = await this.#requests.until(what, () => this.#readOnce(what, first, take))
    return isThere
  }

  /** A text says why the search was lost. */
  async #readOnce(
    what: string,
    first: ReturnType<typeof post>,
    take: (page: HitsPage) => Promise<void> | void,
  ): Promise<{ readonly isThere: boolean } | string> {
    const answer = await this.#requests.send(what, first, failedShards)
    if (answer.status === 404) return { isThere: false }
    let page = pageOf(what, answer)
    let next: Promise<Answer | string> | null = null
    try {
      while (page.hits.length > 0) {
        // The server reads the next page while we look at this one: it is half of the time each.
        next = this.#requests.once(
          post('/_search/scroll', { scroll: SCROLL, scroll_id: page.scroll }),
          failedShards,
        )
        next.catch(() => undefined)
        await take(page)
        const answer = await next
        if (typeof answer === 'string') return answer
        if (answer.status === 404) return 'the search is gone'
        page = pageOf(what, answer)
      }
      return { isThere: true }
    } finally {
      await next?.catch(() => undefined)
      const body = Buffer.from(JSON.stringify({ scroll_id: page.scroll }))
      await this.#requests.send('end a search', { method: 'DELETE', path: '/_search/scroll', body })
    }
  }
}

function post(path: string, body?: object) {
  return { method: 'POST', path, ...(body && { body: Buffer.from(JSON.stringify(body)) }) } as const
}

/** By the bytes: parsing pages of documents would take longer than all the rest. */
function pageOf(what: string, answer: Answer): HitsPage & { readonly scroll: string } {
  const { status, bytes } = answer
  if (status !== 200) throw unusable(what, answer)
  const scroll = findField(bytes, [0, bytes.length], SCROLL_ID)
  const outer = findValue(bytes, [0, bytes.length], HITS)
  const hits = outer < 0 ? -1 : findValue(bytes, [outer, bytes.length], HITS)
  if (scroll === null || bytes[hits] !== OPEN_BRACKET) throw notElasticsearch(what)
  return {
    bytes,
    scroll: JSON.parse(bytes.toString('utf8', scroll[0], scroll[1])) as string,
    hits: arrayElements(bytes, hits),
  }
}

function unusable(what: string, { status, bytes }: Answer): Error {
  return indexUnusable(what, parseFailureAnswer(status, bytes))
}
