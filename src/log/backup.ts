export interface BackupProgress {
  /** Bytes. */
  readonly done: number
  readonly of: number
}

export interface BackupOptions {
  readonly onProgress?: (progress: BackupProgress) => void
  /** Aborted: what was copied is removed. */
  readonly signal?: AbortSignal
}

export interface Backup {
  readonly bytes: number
  readonly segments: number
  /** Segment files that were shorter than what was committed to them: copied as far as they go. */
  readonly damaged: readonly string[]
}

/**
 * Copies a log, as it is at one moment, into a directory that is made or empty, while others write to the log. Rejects
 * with `log.backup-refused`, `log.backup-failed`.
 */
export type BackUp = (directory: string, options?: BackupOptions) => Promise<Backup>
