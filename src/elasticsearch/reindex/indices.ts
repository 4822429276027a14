import { setTimeout as delay } from 'node:timers/promises'
import { parseFailureAnswer } from '../client/elasticsearch-error.ts'
import { indexUnusable } from '../client/index-unusable.ts'
import type { PatientRequests } from '../client/patient-requests.ts'

const LONGEST_SEARCH_MS = 60_000
const LOOK_EVERY_MS = 200
const QUIET_LOOKS = 5

interface SearchStats {
  readonly _all: {
    readonly total: {
      readonly search: {
        readonly query_current: number
        readonly fetch_current: number
        readonly open_contexts: number
      }
    }
  }
}

type Aliases = Readonly<Record<string, object>>

/** What a name stands for. */
export type IndexPlace =
  | { readonly kind: 'missing' }
  | { readonly kind: 'index' | 'alias'; readonly index: string; readonly aliases: Aliases }
  | { readonly kind: 'several'; readonly indices: readonly string[] }

/** Indices and aliases as administrators see them. */
export class Indices {
  readonly #requests: PatientRequests

  constructor(requests: PatientRequests) {
    this.#requests = requests
  }

  async placeOf(name: string): Promise<IndexPlace> {
    const found = await this.#aliases(name)
    const indices = Object.keys(found)
    const [index] = indices
    if (index === undefined) return { kind: 'missing' }
    if (indices.length > 1) return { kind: 'several', indices }
    if (index === name) return { kind: 'index', index, aliases: found[index]!.aliases }
    // Asked by its alias, a server may tell that one alone.
    return { kind: 'alias', index, aliases: (await this.#aliases(index))[index]!.aliases }
  }

  /** Of all documents that were written before the call. */
  async count(index: string): Promise<number> {
    await this.#send(`refresh index ${index}`, 'POST', `${pathOf(index)}/_refresh`)
    const bytes = await this.#send(`count the documents of index ${index}`, 'GET', `${pathOf(index)}/_count`)
    return (JSON.parse(bytes.toString()) as { count: number }).count
  }

  /** All or none of it. A text says why it is not known whether they are changed: removed twice, an alias would be missing. */
  async changeAliases(actions: readonly object[]): Promise<string | null> {
    const what = 'swap the indices'
    const request = {
      method: 'POST',
      path: '/_aliases',
      body: Buffer.from(JSON.stringify({ actions })),
    } as const
    const answer = await this.#requests.once(request)
    if (typeof answer === 'string') return answer
    const { status, bytes } = answer
    if (status >= 300) throw indexUnusable(what, parseFailureAnswer(status, bytes))
    return null
  }

  /** Deletes an index that has no name any more by which somebody would search it. */
  async deleteUnused(index: string): Promise<void> {
    const endAtMs = performance.now() + LONGEST_SEARCH_MS
    let idle = 0
    // A search that has just begun is nowhere counted yet.
    while (idle < QUIET_LOOKS && performance.now() < endAtMs) {
      await delay(LOOK_EVERY_MS)
      idle = (await this.#searches(index)) > 0 ? 0 : idle + 1
    }
    await this.delete(index)
  }

  async #searches(index: string): Promise<number> {
    const bytes = await this.#send(
      `look who searches index ${index}`,
      'GET',
      `${pathOf(index)}/_stats/search`,
    )
    const { search } = (JSON.parse(bytes.toString()) as SearchStats)._all.total
    return search.query_current + search.fetch_current + search.open_contexts
  }

  async delete(index: string): Promise<void> {
    const path = pathOf(index)
    const { status, bytes } = await this.#requests.send(`delete index ${index}`, { method: 'DELETE', path })
    if (status !== 404 && status >= 300)
      throw indexUnusable(`delete index ${index}`, parseFailureAnswer(status, bytes))
  }

  async #aliases(name: string): Promise<Readonly<Record<string, { readonly aliases: Aliases }>>> {
    const what = `read what ${name} is`
    const { status, bytes } = await this.#requests.send(what, {
      method: 'GET',
      path: `${pathOf(name)}/_alias`,
    })
    if (status === 404) return {}
    if (status >= 300) throw indexUnusable(what, parseFailureAnswer(status, bytes))
    return JSON.parse(bytes.toString()) as Record<string, { aliases: Aliases }>
  }

  async #send(what: string, method: 'GET' | 'POST', path: string): Promise<Buffer> {
    const { status, bytes } = await this.#requests.send(what, { method, path })
    if (status >= 300) throw indexUnusable(what, parseFailureAnswer(status, bytes))
    return bytes
  }
}

function pathOf(index: string): string {
  return `/${encodeURIComponent(index)}`
}
