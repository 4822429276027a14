import type { TaskLogger } from '../../api/source-task.ts'
import type { Metadata } from './metadata.ts'
import type { PartitionLog } from './partition-log.ts'
import type { SegmentFiles } from './segment-files.ts'
import { writeFailure } from './write-failure.ts'

export interface FailedCommitsParts {
  readonly dataDir: string
  readonly metadata: Pick<Metadata, 'probe' | 'transaction'>
  readonly files: Pick<SegmentFiles, 'cutBack'>
  readonly logger: TaskLogger
}

/** What commits that failed have left behind; nothing may be committed before it is undone. */
export class FailedCommits {
  readonly #parts: FailedCommitsParts
  /** Partitions that may have bytes behind their committed end. */
  readonly #dirty = new Set<PartitionLog>()
  /** A transaction failed: it may be in SQLite's WAL all the same. */
  #isMetadataDoubtful = false

  constructor(parts: FailedCommitsParts) {
    this.#parts = parts
  }

  /** Bytes are about to be written behind its end. */
  writing(partition: PartitionLog): void {
    this.#dirty.add(partition)
  }

  /** They count now, or the partition is gone. */
  settled(partition: PartitionLog): void {
    this.#dirty.delete(partition)
  }

  transaction<T>(work: () => T): T {
    this.#isMetadataDoubtful = true
    const result = this.#parts.metadata.transaction(work)
    this.#isMetadataDoubtful = false
    return result
  }

  /**
   * Undoes what is left; throws `log.disk-full` or `log.write-failed` while that is impossible. In this order: as long as
   * the failed transaction might come back after a crash, the bytes it speaks of must stay.
   */
  undo(): void {
    if (!this.#isMetadataDoubtful && this.#dirty.size === 0) return
    const { dataDir, metadata, files } = this.#parts
    try {
      if (this.#isMetadataDoubtful) metadata.probe()
      this.#isMetadataDoubtful = false
      for (const partition of this.#dirty) {
        // Segments that the commit began need no care: their files are truncated when they are begun again.
        files.cutBack(partition, partition.segments.at(-1)!)
        this.#dirty.delete(partition)
      }
    } catch (error) {
      throw writeFailure(dataDir, error)
    }
  }

  /** The next commit tries again. */
  tryToUndo(): void {
    const { dataDir, logger } = this.#parts
    try {
      this.undo()
    } catch (error) {
      logger.warn({ dataDir, error: String(error) }, 'The log cannot be written to')
    }
  }
}
