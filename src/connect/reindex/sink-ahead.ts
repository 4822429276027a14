import { setTimeout as delay } from 'node:timers/promises'
import { hasStored, type PartitionEnd } from '../sink/sink-progress.ts'
import type { ReindexJob } from './reindex-job.ts'

const ASK_AGAIN_MS = 50
/** A sink that has committed nothing for so long is not waited for: a new index may be what it needs. */
const LONGEST_STANDSTILL_MS = 60_000

/**
 * Whether the sink has committed what its topics held at a moment. After a crash the old index has documents of records
 * that are not committed yet; only once they are, the new one has as many.
 */
export class SinkAhead {
  readonly #job: ReindexJob
  readonly #ends: readonly PartitionEnd[]
  #committed = ''
  #movedAtMs = performance.now()

  constructor(job: ReindexJob, ends: readonly PartitionEnd[]) {
    this.#job = job
    this.#ends = ends
  }

  /** Answers at once if so, else after a while in which the sink may have gone on. */
  async isThere(): Promise<boolean> {
    const { log, connector, logger, signal } = this.#job.parts
    const offsets = await this.#job.committed()
    if (await hasStored(log, offsets, this.#ends)) return true
    const committed = offsets.map(({ offset }) => offset).join()
    if (committed !== this.#committed) {
      this.#committed = committed
      this.#movedAtMs = performance.now()
    } else if (performance.now() - this.#movedAtMs > LONGEST_STANDSTILL_MS) {
      logger.warn(
        { connector },
        'The sink has committed nothing for a minute: its reindexing goes on without',
      )
      return true
    }
    await this.#job.beat()
    await delay(ASK_AGAIN_MS, undefined, { signal })
    return false
  }
}
