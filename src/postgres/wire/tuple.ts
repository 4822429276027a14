/** In `starts`: the column is null. */
export const NULL_COLUMN = -1
/** In `starts`: an unchanged TOASTed value that PostgreSQL did not send. */
export const UNCHANGED_TOAST = -2

/**
 * A row as text bytes: column `i` is `bytes[starts[i], ends[i])`, in PostgreSQL's output format, without COPY's
 * escapes. One instance is filled again for each row; who wants to keep a row takes a `copy()`.
 */
export class Tuple {
  bytes: Buffer = Buffer.alloc(0)
  /**
   * The same bytes, where none of the row's must be escaped in JSON; null: some must be, or nobody has looked. Whoever
   * sets `bytes` sets it too.
   */
  plain: DataView | null = null
  readonly starts: Int32Array
  readonly ends: Int32Array

  constructor(columns: number) {
    this.starts = new Int32Array(columns)
    this.ends = new Int32Array(columns)
  }

  get columns(): number {
    return this.starts.length
  }

  /** The column's text, or null for null and for unchanged TOAST. */
  text(column: number): string | null {
    const start = this.starts[column]!
    return start < 0 ? null : this.bytes.toString('utf8', start, this.ends[column])
  }

  isUnchangedToast(column: number): boolean {
    return this.starts[column] === UNCHANGED_TOAST
  }

  /** A tuple with its own bytes, safe to keep. */
  copy(): Tuple {
    const copy = new Tuple(this.columns)
    let least = Infinity
    let most = 0
    for (let i = 0; i < this.columns; i++) {
      if (this.starts[i]! < 0) continue
      least = Math.min(least, this.starts[i]!)
      most = Math.max(most, this.ends[i]!)
    }
    if (most > 0) copy.bytes = Buffer.from(this.bytes.subarray(least, most))
    for (let i = 0; i < this.columns; i++) {
      const start = this.starts[i]!
      copy.starts[i] = start < 0 ? start : start - least
      copy.ends[i] = start < 0 ? start : this.ends[i]! - least
    }
    return copy
  }
}
