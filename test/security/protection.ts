/** How a protection of docs/threat-model.md is taken out, to see that its test fails without it. */
export interface Protection {
  /** What could be done, as the row of the threat model has it. */
  readonly threat: string
  /** What is taken out, in a few words: there may be several for one row. */
  readonly without: string
  /** All of them together. */
  readonly changes: readonly Change[]
}

/** A change of a file, after which the program still runs. */
interface Change {
  readonly file: string
  /** What stands there, exactly once. */
  readonly text: string
  readonly instead: string
}
