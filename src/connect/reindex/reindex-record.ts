import { createHash } from 'node:crypto'
import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ReindexedIndex } from '../../api/reindexing.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import { SOURCE_OFFSETS, type Log, type StateEntry } from '../../log/log.ts'
import type { TargetState } from '../herder.ts'

/** What is kept of a reindexing, so that it goes on after whatever interrupted it. */
export interface ReindexRecord {
  readonly suffix: string
  readonly from: 'log' | 'snapshot'
  readonly isDeletingOld: boolean
  readonly areFewerAccepted: boolean
  /** Of the configuration that it began with: with another one the new index would be half of each. */
  readonly configDigest: string
  /** Names that have a new index. */
  readonly names: readonly string[]
  /** The rows of the snapshot are all there; true where there is none. */
  readonly areRowsThere: boolean
  /** `[topic, partition, offset]`: everything before is in the new indices. Null: not begun. */
  readonly positions: readonly (readonly [topic: string, partition: number, offset: string])[] | null
  /** The state that the sink is to have again; null: it was not stopped for the swap. */
  readonly held: TargetState | null
  /** It stands still: what it has done is committed. */
  readonly isStill: boolean
  /** What came of it: the new indices are in their places, and nothing is written into them any more but by the sink. */
  readonly swapped: readonly ReindexedIndex[] | null
  /** The worker that works on it, and when it last said so. */
  readonly worker: string
  readonly beatAt: number
}

/** How old the last sign of life may be of a worker that still works on it. */
export const BEAT_MS = 15_000

/** No connector: a reindexing is kept beside the offsets, which every backend has. */
const OWNER = 'tailrace-reindex'

export class ReindexRecords {
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  /** By connector. */
  async readAll(): Promise<ReadonlyMap<string, ReindexRecord>> {
    const found = new Map<string, ReindexRecord>()
    for (const [key, value] of await this.#log.readState(SOURCE_OFFSETS)) {
      // Most keys are of sources; those of other programs may be anything.
      if (!key.startsWith(`["${OWNER}",`)) continue
      const [, { connector }] = JSON.parse(key) as [string, { connector: string }]
      found.set(connector, JSON.parse(value) as ReindexRecord)
    }
    return found
  }

  async read(connector: string): Promise<ReindexRecord | null> {
    return (await this.readAll()).get(connector) ?? null
  }

  async write(connector: string, record: ReindexRecord | null): Promise<void> {
    await this.#log.writeState([entry(connector, record)])
  }
}

function entry(connector: string, record: ReindexRecord | null): StateEntry {
  return {
    space: SOURCE_OFFSETS,
    key: JSON.stringify([OWNER, { connector }]),
    value: record === null ? null : JSON.stringify(record),
  }
}

export function positionsOf({ positions }: ReindexRecord): readonly TopicPartitionOffset[] {
  return (positions ?? []).map(([topic, partition, offset]) => ({ topic, partition, offset: BigInt(offset) }))
}

export function storedPositions(
  positions: readonly TopicPartitionOffset[],
): NonNullable<ReindexRecord['positions']> {
  return positions.map(({ topic, partition, offset }) => [topic, partition, String(offset)])
}

/** Equal for configurations that say the same. */
export function configDigestOf(config: ConnectorConfig): string {
  const entries = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64')
}
