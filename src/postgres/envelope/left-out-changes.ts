/** Counts of what was captured and has no record, for metrics. */
export class LeftOutChanges {
  /** Updates that changed nothing (`skip.messages.without.change`). */
  unchanged = 0
  /** Changes of which no record could be made (`event.processing.failure.handling.mode`). */
  erroneousChanges = 0
  /** The same of rows of snapshots. */
  erroneousRows = 0
}
