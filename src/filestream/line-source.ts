/** Whole lines, and the position behind the last of them. None, with a position: a new file begins. */
export interface Lines {
  readonly texts: readonly string[]
  readonly end: number
}

/** Where a source task takes its lines from. */
export interface LineSource {
  /** The lines that are there now, at most so many; null: nothing yet. */
  read(most: number): Promise<Lines | null>
  close(): Promise<void>
}
