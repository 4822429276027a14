import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import type { Log } from '../../log/log.ts'
import type { ConnectorStatus, TargetState } from '../herder.ts'
import { sinkGroup } from '../sink/sink-group.ts'
import type { ReindexRecord, ReindexRecords } from './reindex-record.ts'

const LONGEST_STOP_MS = 60_000
const ASK_AGAIN_MS = 10

export interface SinkStates {
  readonly status: (connector: string) => ConnectorStatus
  readonly target: (connector: string) => TargetState
  readonly setTarget: (connector: string, target: TargetState) => Promise<void>
}

/** Sinks stand still while indices are swapped. What they are to do afterwards is in the record, and survives a crash. */
export class HeldSinks {
  readonly #log: Log
  readonly #records: ReindexRecords
  readonly #states: SinkStates

  constructor(log: Log, records: ReindexRecords, states: SinkStates) {
    this.#log = log
    this.#records = records
    this.#states = states
  }

  isRunning(connector: string): boolean {
    const { connector: own, tasks } = this.#states.status(connector)
    return (
      this.#states.target(connector) === 'STARTED' && [own, ...tasks].every(({ state }) => state !== 'FAILED')
    )
  }

  /** Resolves when the sink has stored and committed what it had under way. Throws `connect.reindex-behind`. */
  async hold(connector: string, record: ReindexRecord, signal: AbortSignal): Promise<ReindexRecord> {
    const { target, setTarget } = this.#states
    const held: ReindexRecord = { ...record, held: record.held ?? target(connector), beatAt: Date.now() }
    await this.#records.write(connector, held)
    await setTarget(connector, 'STOPPED')
    const deadline = performance.now() + LONGEST_STOP_MS
    while (!(await this.#isStill(connector))) {
      if (performance.now() > deadline) {
        throw new ConnectError(
          'connect.reindex-behind',
          `The sink ${connector} did not stop within ${LONGEST_STOP_MS / 1000} s: see its status, then start the reindexing again.`,
        )
      }
      await delay(ASK_AGAIN_MS, undefined, { signal })
    }
    const still: ReindexRecord = { ...held, isStill: true }
    await this.#records.write(connector, still)
    return still
  }

  async release(connector: string, { held }: ReindexRecord): Promise<void> {
    if (held !== null && held !== 'STOPPED') await this.#states.setTarget(connector, held)
  }

  async #isStill(connector: string): Promise<boolean> {
    const { connector: own, tasks } = this.#states.status(connector)
    if (own.state !== 'STOPPED' || tasks.length > 0) return false
    // A cluster takes offsets from outside only once no task is in the group any more.
    const group = sinkGroup(connector)
    const offsets = await this.#log.groupOffsets(group)
    if (offsets.length === 0) return true
    return this.#log.commitGroupOffsets(group, offsets).then(
      () => true,
      () => false,
    )
  }
}
