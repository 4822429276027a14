import { ConfigError, ConflictError, ConnectError, describeError, NotFoundError } from '../../api/errors.ts'
import { resolveConnectors, storedConfig, type StoredConfigs } from '../config/stored-configs.ts'
import type { WorkerParts } from '../worker-parts.ts'
import { fillAndSwap, type FillAndSwapParts } from './fill-and-swap.ts'
import { HeldSinks, type SinkStates } from './held-sinks.ts'
import { BEAT_MS, configDigestOf, ReindexRecords, type ReindexRecord } from './reindex-record.ts'
import type { ReindexRequest, ReindexState } from './reindex-state.ts'
import type { ReindexOutcome, ReindexProgress, ReindexWork } from './reindex-work.ts'

export interface ReindexingsParts
  extends Pick<WorkerParts, 'log' | 'pool' | 'catalogue' | 'worker' | 'logger' | 'resolver'>, SinkStates {
  readonly workerId: string
  readonly stored: StoredConfigs
  /** Throws where it is not for this worker to reindex: another leads the group. */
  readonly requireOurs?: () => void
}

interface Run {
  readonly stopping: AbortController
  /** Resolves when it would go on after a crash; rejects if that cannot be written down. */
  readonly kept: Promise<void>
  readonly ended: Promise<void>
  state: ReindexState
}

/**
 * The reindexings of a worker: one at a time of each sink. New indices are filled in a task thread while the sink goes on;
 * for the swap it is stopped and started again. All that is needed to go on is kept, so a worker that was killed does.
 */
export class Reindexings {
  readonly #parts: ReindexingsParts
  readonly #records: ReindexRecords
  readonly #sinks: HeldSinks
  readonly #runs = new Map<string, Run>()
  #isClosing = false

  constructor(parts: ReindexingsParts) {
    this.#parts = parts
    this.#records = new ReindexRecords(parts.log)
    const resolved = (connector: string) =>
      parts.resolver.resolve(storedConfig(parts.stored, connector)).config
    this.#sinks = new HeldSinks({ ...parts, records: this.#records, resolved })
  }

  /** Goes on with what workers were about when they ended. @param isOurs whether nobody else is about it */
  async recover(isOurs: (record: ReindexRecord) => boolean): Promise<void> {
    for (const [connector, record] of await this.#records.readAll()) {
      if (record.worker === '' || this.#isRunning(connector) || !isOurs(record)) continue
      if (this.#parts.stored.get(connector) !== undefined) this.#begin(connector, record)
    }
  }

  /**
   * Begins one, or goes on with what was interrupted. Resolves when nothing but a failure of its own, or somebody who aborts
   * it, keeps it from its end. Throws `NotFoundError`: there is no such connector, `ConflictError`: one is under way.
   */
  async start(connector: string, request: ReindexRequest): Promise<ReindexState> {
    this.#require(connector)
    if (this.#isRunning(connector)) throw alreadyRunning(connector)
    const stored = await this.#records.read(connector)
    const { workerId } = this.#parts
    if (stored !== null) requireFree(connector, stored, workerId)
    const record =
      stored === null ? this.#newRecord(connector, request) : continued(connector, stored, request)
    if (this.#isRunning(connector)) throw alreadyRunning(connector)
    const { kept, state } = this.#begin(connector, record)
    await kept
    return state
  }

  /** Null: this worker has not begun one since it started. */
  ownState(connector: string): ReindexState | null {
    return this.#runs.get(connector)?.state ?? null
  }

  /** Of the one under way, or of the last one. Throws `NotFoundError`: there was none. */
  async state(connector: string): Promise<ReindexState> {
    this.#require(connector)
    const own = this.ownState(connector)
    if (own !== null) return own
    const record = await this.#records.read(connector)
    if (record === null) {
      throw new NotFoundError(
        'connect.reindex-unknown',
        `Connector ${connector} was not reindexed since this worker started`,
      )
    }
    const message = isFresh(record)
      ? `It goes on at worker ${record.worker}: ask there`
      : 'It was interrupted: start it again to go on, or abort it'
    return { state: 'FAILED', message }
  }

  /** Ends it, deletes what it made, and lets the sink go on. */
  async abort(connector: string): Promise<void> {
    this.#require(connector)
    await this.#stop(connector)
    const record = await this.#records.read(connector)
    if (record === null) return
    requireFree(connector, record, this.#parts.workerId)
    if (this.#parts.stored.get(connector) !== undefined) {
      await this.#sinks.release(connector, record)
      await this.#perform(connector, 'discard', { record, signal: new AbortController().signal })
    }
    await this.#records.write(connector, null)
  }

  /** What runs is interrupted, and goes on when the worker starts again. */
  async close(): Promise<void> {
    this.#isClosing = true
    await Promise.all([...this.#runs.keys()].map((connector) => this.#stop(connector)))
  }

  #require(connector: string): void {
    const { stored, requireOurs } = this.#parts
    requireOurs?.()
    storedConfig(stored, connector)
  }

  async #stop(connector: string): Promise<void> {
    const run = this.#runs.get(connector)
    run?.stopping.abort()
    await run?.ended
    this.#runs.delete(connector)
  }

  #isRunning(connector: string): boolean {
    return this.#runs.get(connector)?.state.state === 'RUNNING'
  }

  #newRecord(connector: string, { from, isDeletingOld, areFewerAccepted }: ReindexRequest): ReindexRecord {
    const now = new Date()
    return {
      suffix: `-r${now.toISOString().replaceAll(/\D/g, '').slice(0, 14)}`,
      from: from ?? 'log',
      isDeletingOld,
      areFewerAccepted,
      configDigest: configDigestOf(storedConfig(this.#parts.stored, connector)),
      names: [],
      areRowsThere: from !== 'snapshot',
      positions: null,
      held: null,
      isStill: false,
      swapped: null,
      worker: this.#parts.workerId,
      beatAt: now.getTime(),
    }
  }

  #begin(connector: string, begun: ReindexRecord): Run {
    const { workerId } = this.#parts
    const record: ReindexRecord = { ...begun, worker: workerId, beatAt: Date.now() }
    const phase = record.areRowsThere ? 'copying records' : 'copying rows'
    const stopping = new AbortController()
    const kept = this.#records.write(connector, record)
    const run: Run = {
      stopping,
      kept,
      ended: this.#run(connector, record, { kept, signal: stopping.signal }),
      state: { state: 'RUNNING', progress: { phase, done: 0, of: 0 } },
    }
    this.#runs.set(connector, run)
    return run
  }

  async #run(
    connector: string,
    begun: ReindexRecord,
    { kept, signal }: { readonly kept: Promise<void>; readonly signal: AbortSignal },
  ): Promise<void> {
    const { logger } = this.#parts
    const started = performance.now()
    const set = (state: ReindexState): void => {
      const run = this.#runs.get(connector)
      if (run !== undefined) run.state = state
    }
    try {
      await kept
      const perform: FillAndSwapParts['perform'] = (step, record) => {
        this.#requireSameConfig(connector, record)
        const onProgress = (progress: ReindexProgress): void => set({ state: 'RUNNING', progress })
        return this.#perform(connector, step, { record, signal, onProgress })
      }
      const [sinks, records] = [this.#sinks, this.#records]
      const record = await fillAndSwap(connector, begun, { sinks, records, perform, signal, logger })
      await this.#sinks.release(connector, record)
      await this.#perform(connector, 'tidy', { record, signal })
      await this.#records.write(connector, null)
      const indices = record.swapped ?? []
      const seconds = Math.round(performance.now() - started) / 1000
      logger.info({ connector, indices: indices.map(({ index }) => index), seconds }, 'reindexed')
      set({ state: 'COMPLETED', seconds, indices })
    } catch (error) {
      // Whoever leads the group now goes on.
      const isElsewhere = error instanceof ConnectError && error.code === 'connect.request-elsewhere'
      await this.#leave(connector, { isToGoOn: this.#isClosing || isElsewhere })
      set({ state: 'FAILED', message: describeError(error) })
    }
  }

  /** The sink goes on, and whoever wants to may continue at once. */
  async #leave(connector: string, { isToGoOn }: { readonly isToGoOn: boolean }): Promise<void> {
    const { logger } = this.#parts
    try {
      const record = await this.#records.read(connector)
      if (record === null) return
      await this.#sinks.release(connector, record)
      // Nothing of it is there yet: the next time may be with other options.
      const left = record.positions === null ? null : { ...record, held: null, isStill: false, beatAt: 0 }
      // By itself nobody goes on with what failed.
      await this.#records.write(connector, left === null || isToGoOn ? left : { ...left, worker: '' })
    } catch (error) {
      logger.error({ err: error, connector }, 'What is left of a reindexing could not be put in order')
    }
  }

  async #perform(
    connector: string,
    step: ReindexWork['step'],
    {
      record,
      signal,
      onProgress = () => undefined,
    }: {
      readonly record: ReindexRecord
      readonly signal: AbortSignal
      readonly onProgress?: (progress: ReindexProgress) => void
    },
  ): Promise<ReindexOutcome> {
    const { pool, worker, stored } = this.#parts
    const { connector: sink, sources, secrets } = resolveConnectors(connector, stored, this.#parts)
    const work: ReindexWork = {
      kind: 'reindex',
      step,
      config: sink.config,
      sources,
      isSinkRunning: this.#sinks.isRunning(connector),
      record,
    }
    const outcome = await pool.runJob(work, {
      connector,
      worker,
      secrets,
      signal,
      onProgress: (progress) => onProgress(progress as ReindexProgress),
    })
    return outcome as ReindexOutcome
  }

  #requireSameConfig(connector: string, { configDigest }: ReindexRecord): void {
    if (configDigestOf(storedConfig(this.#parts.stored, connector)) === configDigest) return
    throw new ConfigError(
      'connect.reindex-unsupported',
      `The configuration of ${connector} is not the one that its reindexing began with: abort it (--abort), then begin again.`,
    )
  }
}

export function isFresh({ beatAt }: ReindexRecord): boolean {
  return Date.now() - beatAt < BEAT_MS
}

function requireFree(connector: string, record: ReindexRecord, workerId: string): void {
  if (record.worker === '' || record.worker === workerId || !isFresh(record)) return
  throw new ConflictError(
    'connect.reindex-running',
    `Connector ${connector} is being reindexed by worker ${record.worker}: ask there`,
  )
}

function alreadyRunning(connector: string): ConflictError {
  return new ConflictError('connect.reindex-running', `Connector ${connector} is being reindexed already`)
}

/** What was begun goes on; only what the end is like may be said anew. */
function continued(
  connector: string,
  record: ReindexRecord,
  { from, isDeletingOld, areFewerAccepted }: ReindexRequest,
): ReindexRecord {
  if (from !== null && from !== record.from) {
    throw new ConflictError(
      'connect.reindex-running',
      `A reindexing of ${connector} from ${record.from} is half done: go on with it (--from ${record.from}), or abort it (--abort).`,
    )
  }
  return {
    ...record,
    isDeletingOld: isDeletingOld || record.isDeletingOld,
    areFewerAccepted: areFewerAccepted || record.areFewerAccepted,
  }
}
