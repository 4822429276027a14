import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import type { ConnectorConfig } from '../../api/config-def.ts'
import type { Log } from '../../log/log.ts'
import type { ConnectorStatus, TargetState } from '../herder.ts'
import { sinkGroup } from '../sink/sink-group.ts'
import { onSinkLog } from '../task/task-client.ts'
import type { ReindexRecord, ReindexRecords } from './reindex-record.ts'

const LONGEST_STOP_MS = 60_000
const ASK_AGAIN_MS = 10

export interface SinkStates {
  readonly status: (connector: string) => ConnectorStatus
  readonly target: (connector: string) => TargetState
  readonly setTarget: (connector: string, target: TargetState) => Promise<void>
}

export interface HeldSinksParts extends SinkStates {
  /** The worker's own. */
  readonly log: Log
  readonly records: ReindexRecords
  /** A connector's configuration with its secrets. */
  readonly resolved: (connector: string) => ConnectorConfig
}

/** Sinks stand still while indices are swapped. What they are to do afterwards is in the record, and survives a crash. */
export class HeldSinks {
  readonly #parts: HeldSinksParts

  constructor(parts: HeldSinksParts) {
    this.#parts = parts
  }

  isRunning(connector: string): boolean {
    const { status, target } = this.#parts
    const { connector: own, tasks } = status(connector)
    return target(connector) === 'STARTED' && [own, ...tasks].every(({ state }) => state !== 'FAILED')
  }

  /** Resolves when the sink has stored and committed what it had under way. Throws `connect.reindex-behind`. */
  async hold(connector: string, record: ReindexRecord, signal: AbortSignal): Promise<ReindexRecord> {
    const { target, setTarget, records } = this.#parts
    const held: ReindexRecord = { ...record, held: record.held ?? target(connector), beatAt: Date.now() }
    await records.write(connector, held)
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
    await records.write(connector, still)
    return still
  }

  async release(connector: string, { held }: ReindexRecord): Promise<void> {
    if (held !== null && held !== 'STOPPED') await this.#parts.setTarget(connector, held)
  }

  async #isStill(connector: string): Promise<boolean> {
    const { status, resolved, log } = this.#parts
    const { connector: own, tasks } = status(connector)
    if (own.state !== 'STOPPED' || tasks.length > 0) return false
    const config = resolved(connector)
    return onSinkLog(log, connector, config, (own) => isIdle(own, sinkGroup(connector, config)))
  }
}

/** A cluster takes offsets from outside only once no task is in the group any more. */
async function isIdle(log: Log, group: string): Promise<boolean> {
  const offsets = await log.groupOffsets(group)
  if (offsets.length === 0) return true
  return log.commitGroupOffsets(group, offsets).then(
    () => true,
    () => false,
  )
}
