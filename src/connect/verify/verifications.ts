import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConflictError, describeError, NotFoundError } from '../../api/errors.ts'
import { boundLogger } from '../bound-logger.ts'
import { hidingLogger } from '../config-providers/hiding-logger.ts'
import { SecretValues } from '../config-providers/secret-values.ts'
import type { WorkerParts } from '../worker-parts.ts'
import type { VerificationState } from './verification-state.ts'

interface Run {
  readonly stopping: AbortController
  readonly ended: Promise<void>
  state: VerificationState
}

/** The verifications of a worker: one at a time of each sink, the last one is kept to be asked about. */
export class Verifications {
  readonly #parts: Pick<WorkerParts, 'log' | 'catalogue' | 'worker' | 'logger' | 'resolver'>
  readonly #configs: () => ReadonlyMap<string, ConnectorConfig>
  readonly #runs = new Map<string, Run>()

  /** @param configs of all connectors, as they were stored */
  constructor(
    parts: Pick<WorkerParts, 'log' | 'catalogue' | 'worker' | 'logger' | 'resolver'>,
    configs: () => ReadonlyMap<string, ConnectorConfig>,
  ) {
    this.#parts = parts
    this.#configs = configs
  }

  start(sink: string, isRepairing: boolean): VerificationState {
    if (this.#runs.get(sink)?.state.state === 'RUNNING') {
      throw new ConflictError('connect.verify-running', `Connector ${sink} is being verified already`)
    }
    const state: VerificationState = { state: 'RUNNING', progress: { phase: 'reading rows', done: 0, of: 0 } }
    const stopping = new AbortController()
    const run: Run = { stopping, state, ended: Promise.resolve() }
    this.#runs.set(sink, { ...run, ended: this.#run(sink, isRepairing, stopping.signal) })
    return state
  }

  state(sink: string): VerificationState {
    const run = this.#runs.get(sink)
    if (run !== undefined) return run.state
    throw new NotFoundError(
      'connect.verify-unknown',
      `Connector ${sink} was not verified since this worker started`,
    )
  }

  async stop(sink: string): Promise<void> {
    const run = this.#runs.get(sink)
    run?.stopping.abort()
    await run?.ended
    this.#runs.delete(sink)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.keys()].map((sink) => this.stop(sink)))
  }

  async #run(sink: string, isRepairing: boolean, signal: AbortSignal): Promise<void> {
    const { log, catalogue, worker, logger, resolver } = this.#parts
    const started = performance.now()
    let secrets = SecretValues.ofValues([])
    const set = (state: VerificationState): void => {
      const run = this.#runs.get(sink)
      if (run !== undefined) run.state = state
    }
    try {
      // Loaded when it is asked for: an idle worker shall not pay for it.
      const { verify } = await import('./verification.ts')
      const all = [...this.#configs()].map(([name, config]) => ({ name, ...resolver.resolve(config) }))
      secrets = SecretValues.ofValues(all.flatMap((each) => each.secrets.values))
      const own = boundLogger(hidingLogger(logger, secrets), { connector: sink })
      const result = await verify(
        all.find(({ name }) => name === sink)!,
        all.filter(({ config }) => catalogue.find(config['connector.class'] ?? '', 'source') !== null),
        {
          log,
          catalogue,
          worker,
          logger: own,
          signal,
          isRepairing,
          onProgress: (progress) => set({ state: 'RUNNING', progress }),
        },
      )
      const seconds = Math.round(performance.now() - started) / 1000
      const { differences: _, ...summary } = result
      own.info({ ...summary, seconds }, 'verified')
      set({ state: 'COMPLETED', seconds, result })
    } catch (error) {
      set({ state: 'FAILED', message: secrets.hide(describeError(error)) })
    }
  }
}
