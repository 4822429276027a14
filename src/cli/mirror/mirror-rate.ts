import { counted } from '../../api/counted.ts'

/** What the rate is made of: the last seconds, so that it follows what happens without jumping. */
const WINDOW_MS = 5000

/** How fast documents come into the index, in words for the progress bar. */
export class MirrorRate {
  readonly #seen: { readonly atMs: number; readonly indexed: number }[] = []
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** @param isExact whether `of` is the number of records there are, not what the planner expects */
  describe(indexed: number, of: number, isExact: boolean): string {
    const perSecond = this.#rate(indexed)
    const left = perSecond > 0 ? `, ${duration((of - indexed) / perSecond)} left` : ''
    return `${indexed} of ${isExact ? '' : 'about '}${of} rows, ${Math.round(perSecond)}/s${left}`
  }

  follow(indexed: number, behind: number): string {
    return `${counted(indexed, 'record')} in the index, ${Math.round(this.#rate(indexed))}/s, ${behind} to come`
  }

  #rate(indexed: number): number {
    const atMs = this.#now()
    this.#seen.push({ atMs, indexed })
    while (this.#seen.length > 2 && atMs - this.#seen[0]!.atMs > WINDOW_MS) this.#seen.shift()
    const first = this.#seen[0]!
    const tookMs = atMs - first.atMs
    return tookMs === 0 ? 0 : ((indexed - first.indexed) * 1000) / tookMs
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}
