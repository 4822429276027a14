import type { DocumentName } from '../../api/verification.ts'

const MOST = 64

/**
 * Some of the rows that were seen, spread over all of each index. Who asks for rows by their keys asks for these too: if
 * they are not among the answers, names of documents do not lead to rows.
 */
export class KnownRows {
  readonly #byIndex = new Map<string, { rows: Row[]; seen: number; stride: number }>()

  /** @param key of the name's hash */
  saw({ index, id }: DocumentName, key: number): void {
    let kept = this.#byIndex.get(index)
    if (kept === undefined) this.#byIndex.set(index, (kept = { rows: [], seen: 0, stride: 1 }))
    if (kept.seen++ % kept.stride !== 0) return
    kept.rows.push({ id, key })
    if (kept.rows.length < MOST) return
    kept.rows = kept.rows.filter((_, i) => i % 2 === 0)
    kept.stride *= 2
  }

  ids(): readonly string[] {
    return [...this.#byIndex.values()].flatMap(({ rows }) => rows.map(({ id }) => id))
  }

  keys(): ReadonlySet<number> {
    return new Set([...this.#byIndex.values()].flatMap(({ rows }) => rows.map(({ key }) => key)))
  }

  /** Some may be deleted meanwhile, but not most of an index. */
  areAmong(found: ReadonlySet<number>): boolean {
    return [...this.#byIndex.values()].every(
      ({ rows }) => rows.filter(({ key }) => found.has(key)).length * 2 >= rows.length,
    )
  }
}

interface Row {
  readonly id: string
  readonly key: number
}
