import type { SearchIndex } from '../store/search-index.ts'
import type { SortKey } from './sort.ts'

/** A match, without its source: that is fetched for the few that are shown. */
export interface Hit {
  readonly index: SearchIndex
  readonly rowId: number
  readonly id: string
  readonly score: number
  readonly keys: readonly SortKey[]
  /** Counts up in the order of the scan; decides where all else is equal. */
  readonly order: number
}

/** Keeps the best `size` of any number of hits, holding at most twice as many. */
export class TopHits {
  readonly #size: number
  readonly #compare: (a: Hit, b: Hit) => number
  readonly #hits: Hit[] = []
  /** The last of the best, once there are enough: what is not better need not be kept. */
  #worst: Hit | undefined

  constructor(size: number, compare: (a: Hit, b: Hit) => number) {
    this.#size = size
    this.#compare = (a, b) => compare(a, b) || a.order - b.order
  }

  add(hit: Hit): void {
    if (this.#size === 0) return
    if (this.#worst !== undefined && this.#compare(hit, this.#worst) > 0) return
    this.#hits.push(hit)
    if (this.#hits.length >= this.#size * 2) this.#cut()
  }

  best(): readonly Hit[] {
    this.#cut()
    return this.#hits
  }

  #cut(): void {
    this.#hits.sort(this.#compare)
    if (this.#hits.length <= this.#size) return
    this.#hits.length = this.#size
    this.#worst = this.#hits.at(-1)
  }
}
