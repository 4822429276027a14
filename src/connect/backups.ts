import { ConfigError, ConflictError, describeError, NotFoundError } from '../api/errors.ts'
import type { TaskLogger } from '../api/source-task.ts'
import type { Backup, BackUp, BackupProgress } from '../log/backup.ts'

export type BackupState =
  | { readonly state: 'RUNNING'; readonly directory: string; readonly progress: BackupProgress }
  | {
      readonly state: 'COMPLETED'
      readonly directory: string
      readonly seconds: number
      readonly result: Backup
    }
  | { readonly state: 'FAILED'; readonly directory: string; readonly message: string }

interface Run {
  readonly stopping: AbortController
  readonly ended: Promise<void>
}

/** The backups of a worker: one at a time, the last one is kept to be asked about. */
export class Backups {
  readonly #backUp: BackUp | null
  readonly #logger: TaskLogger
  #run: Run | null = null
  #state: BackupState | null = null

  /** @param backUp null: the topics are in Kafka */
  constructor(backUp: BackUp | null, logger: TaskLogger) {
    this.#backUp = backUp
    this.#logger = logger
  }

  /** @param directory absolute, on this machine */
  start(directory: string): BackupState {
    if (this.#backUp === null) {
      throw new ConfigError(
        'log.backup-refused',
        'The topics of this worker, and its connectors with their offsets, are in Kafka: there is nothing to back up here.',
      )
    }
    if (this.#run !== null) throw new ConflictError('log.backup-refused', 'A backup is under way already')
    const stopping = new AbortController()
    const state: BackupState = { state: 'RUNNING', directory, progress: { done: 0, of: 0 } }
    this.#state = state
    this.#run = { stopping, ended: this.#perform(this.#backUp, directory, stopping.signal) }
    return state
  }

  state(): BackupState {
    if (this.#state !== null) return this.#state
    throw new NotFoundError('connect.backup-unknown', 'No backup was made since this worker started')
  }

  async stop(): Promise<void> {
    this.#run?.stopping.abort()
    await this.#run?.ended
    this.#state = null
  }

  async #perform(backUp: BackUp, directory: string, signal: AbortSignal): Promise<void> {
    const started = performance.now()
    const onProgress = (progress: BackupProgress): void => {
      this.#state = { state: 'RUNNING', directory, progress }
    }
    try {
      const result = await backUp(directory, { signal, onProgress })
      const seconds = Math.round(performance.now() - started) / 1000
      if (result.damaged.length > 0) {
        this.#logger.error(
          { directory, segments: result.damaged },
          'Segment files are shorter than they should be',
        )
      }
      this.#logger.info({ directory, ...result, seconds }, 'Made a backup')
      this.#state = { state: 'COMPLETED', directory, seconds, result }
    } catch (error) {
      const message = describeError(error)
      if (!signal.aborted) this.#logger.error({ directory, error: message }, 'A backup failed')
      this.#state = { state: 'FAILED', directory, message }
    } finally {
      this.#run = null
    }
  }
}
