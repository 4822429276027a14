import { ConflictError, describeError, NotFoundError } from '../../api/errors.ts'
import { resolveConnectors, storedConfig, type StoredConfigs } from '../config/stored-configs.ts'
import type { WorkerParts } from '../worker-parts.ts'
import type { VerificationProgress, VerificationResult, VerificationState } from './verification-state.ts'
import type { VerifyWork } from './verify-work.ts'

interface Run {
  readonly stopping: AbortController
  readonly ended: Promise<void>
  state: VerificationState
}

/** The verifications of a worker: one at a time of each sink, the last one is kept to be asked about. */
export class Verifications {
  readonly #parts: Pick<WorkerParts, 'pool' | 'catalogue' | 'worker' | 'logger' | 'resolver'>
  readonly #stored: StoredConfigs
  readonly #runs = new Map<string, Run>()

  constructor(
    parts: Pick<WorkerParts, 'pool' | 'catalogue' | 'worker' | 'logger' | 'resolver'>,
    stored: StoredConfigs,
  ) {
    this.#parts = parts
    this.#stored = stored
  }

  /** Begins one. Throws `NotFoundError`: there is no such connector, `ConflictError`: one is under way. */
  start(sink: string, { isRepairing }: { readonly isRepairing: boolean }): VerificationState {
    storedConfig(this.#stored, sink)
    if (this.#runs.get(sink)?.state.state === 'RUNNING') {
      throw new ConflictError('connect.verify-running', `Connector ${sink} is being verified already`)
    }
    const state: VerificationState = {
      state: 'RUNNING',
      progress: { phase: 'reading documents', done: 0, of: 0 },
    }
    const stopping = new AbortController()
    const run: Run = { stopping, state, ended: Promise.resolve() }
    this.#runs.set(sink, { ...run, ended: this.#run(sink, isRepairing, stopping.signal) })
    return state
  }

  /** Of the one under way, or of the last one. Throws `NotFoundError`: there was none. */
  state(sink: string): VerificationState {
    storedConfig(this.#stored, sink)
    const state = this.ownState(sink)
    if (state !== null) return state
    throw new NotFoundError(
      'connect.verify-unknown',
      `Connector ${sink} was not verified since this worker started`,
    )
  }

  /** The same for who looks at all connectors. Null: there was none. */
  ownState(sink: string): VerificationState | null {
    return this.#runs.get(sink)?.state ?? null
  }

  async stop(sink: string): Promise<void> {
    storedConfig(this.#stored, sink)
    await this.#stop(sink)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.keys()].map((sink) => this.#stop(sink)))
  }

  async #stop(sink: string): Promise<void> {
    const run = this.#runs.get(sink)
    run?.stopping.abort()
    await run?.ended
    this.#runs.delete(sink)
  }

  async #run(sink: string, isRepairing: boolean, signal: AbortSignal): Promise<void> {
    const { pool, worker, logger } = this.#parts
    const started = performance.now()
    const set = (state: VerificationState): void => {
      const run = this.#runs.get(sink)
      if (run !== undefined) run.state = state
    }
    try {
      const { connector, sources, secrets } = resolveConnectors(sink, this.#stored, this.#parts)
      const work: VerifyWork = { kind: 'verify', sink: connector, sources, isRepairing }
      const result = (await pool.runJob(work, {
        connector: sink,
        worker,
        secrets,
        signal,
        onProgress: (progress) => set({ state: 'RUNNING', progress: progress as VerificationProgress }),
      })) as VerificationResult
      const seconds = Math.round(performance.now() - started) / 1000
      const { differences: _, ...summary } = result
      logger.info({ connector: sink, ...summary, seconds }, 'verified')
      set({ state: 'COMPLETED', seconds, result })
    } catch (error) {
      set({ state: 'FAILED', message: describeError(error) })
    }
  }
}
