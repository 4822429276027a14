import type { BlockRange } from './table-chunks.ts'

interface BegunTable {
  readonly files: string
  /** In order, none touching the next. */
  readonly done: readonly BlockRange[]
}

/**
 * How far a snapshot has come: which tables are read, and which blocks of those that were begun. Its text goes with the
 * source offset, so that a snapshot that was interrupted goes on there.
 */
export class SnapshotProgress {
  /** What a transaction from this one on wrote may be newer than what was read before. */
  readonly xmin: bigint
  readonly #done: Set<number>
  readonly #begun: Map<number, BegunTable>

  constructor(xmin: bigint, done: Iterable<number> = [], begun: Iterable<[number, BegunTable]> = []) {
    this.xmin = xmin
    this.#done = new Set(done)
    this.#begun = new Map(begun)
  }

  /** Nothing is done. */
  get isEmpty(): boolean {
    return this.#done.size === 0 && this.#begun.size === 0
  }

  isDone(oid: number): boolean {
    return this.#done.has(oid)
  }

  /** What was read of a table; nothing, if it was written anew since, because its rows lie elsewhere now. */
  doneRanges(oid: number, files: string): readonly BlockRange[] {
    const begun = this.#begun.get(oid)
    return begun?.files === files ? begun.done : []
  }

  tableDone(oid: number): void {
    this.#done.add(oid)
    this.#begun.delete(oid)
  }

  rangeDone(oid: number, files: string, range: BlockRange): void {
    this.#begun.set(oid, { files, done: merge([...this.doneRanges(oid, files), range]) })
  }

  /** Forgets what was read of tables that are not done. */
  withoutRanges(): SnapshotProgress {
    return new SnapshotProgress(this.xmin, this.#done)
  }

  /** `750 16384 16390/5d4fa2c9e1b0:0-4096,8192-`: the transaction, tables that are done, and blocks of others. */
  toString(): string {
    const begun = [...this.#begun].map(
      ([oid, { files, done }]) =>
        `${oid}/${files}:${done.map(({ from, to }) => `${from}-${to ?? ''}`).join(',')}`,
    )
    return [this.xmin, ...this.#done, ...begun].join(' ')
  }

  /** Null: not what `toString` writes. */
  static parse(text: string): SnapshotProgress | null {
    const [xmin, ...tables] = text.split(' ')
    if (!/^\d+$/.test(xmin ?? '')) return null
    const done: number[] = []
    const begun: [number, BegunTable][] = []
    for (const table of tables) {
      const match = /^(\d+)(?:\/([0-9a-f]+):((?:\d+-\d*,?)+))?$/.exec(table)
      if (match === null) return null
      const [, oid, files, ranges] = match
      if (files === undefined) done.push(Number(oid))
      else begun.push([Number(oid), { files, done: ranges!.split(',').map(parseRange) }])
    }
    return new SnapshotProgress(BigInt(xmin!), done, begun)
  }
}

function parseRange(text: string): BlockRange {
  const [from, to] = text.split('-')
  return { from: Number(from), to: to === '' ? null : Number(to) }
}

function merge(ranges: BlockRange[]): readonly BlockRange[] {
  const merged: BlockRange[] = []
  for (const range of ranges.sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last === undefined || (last.to !== null && range.from > last.to)) {
      merged.push(range)
      continue
    }
    const to = last.to === null || range.to === null ? null : Math.max(last.to, range.to)
    merged[merged.length - 1] = { from: last.from, to }
  }
  return merged
}
