import type { SnapshotMode } from './snapshot-options.ts'

/** When the tables are read, and what follows: what `snapshot.mode` and its conditions come down to. */
export interface SnapshotPolicy {
  /** `once`: where there is no complete one yet. */
  readonly data: 'always' | 'once' | 'never'
  /** Also when the stored position is gone; otherwise the task fails then. */
  readonly onLostPosition: boolean
  readonly thenStream: boolean
}

/** The options `snapshot.mode.configuration.based.*`. */
export interface SnapshotConditions {
  readonly data: boolean
  readonly onDataError: boolean
  readonly startStream: boolean
}

export function snapshotPolicy(
  mode: Exclude<SnapshotMode, 'custom'>,
  conditions: SnapshotConditions,
): SnapshotPolicy {
  switch (mode) {
    case 'always':
      return { data: 'always', onLostPosition: true, thenStream: true }
    case 'initial':
      return { data: 'once', onLostPosition: false, thenStream: true }
    case 'initial_only':
      return { data: 'once', onLostPosition: false, thenStream: false }
    case 'no_data':
      return { data: 'never', onLostPosition: false, thenStream: true }
    case 'when_needed':
      return { data: 'once', onLostPosition: true, thenStream: true }
    case 'configuration_based':
      return {
        data: conditions.data ? 'always' : 'never',
        onLostPosition: conditions.onDataError,
        thenStream: conditions.startStream,
      }
  }
}
