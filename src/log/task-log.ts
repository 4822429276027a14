import type { ConnectError } from '../api/errors.ts'
import type { Log } from './log.ts'

/** For whom clients of their own are opened. */
export interface TaskClient {
  readonly type: 'source' | 'sink'
  readonly connector: string
  readonly task: number
  /** What the connector's `producer.override.*` and so on say, by kind of client and without prefix. */
  readonly overrides: {
    readonly producer: Readonly<Record<string, string>>
    readonly consumer: Readonly<Record<string, string>>
    readonly admin: Readonly<Record<string, string>>
  }
  /** The connector's `offsets.storage.topic`: source offsets are there as well. */
  readonly offsetsTopic?: string
  /** Records and source offsets share a transaction, where the backend does not do so anyway. */
  readonly isExactlyOnce: boolean
  /** Given: a record that is too large for its topic is left out and told of, in place of failing the append. */
  readonly onRecordRefused?: (error: ConnectError) => void
}

/** The log as one task uses it. */
export interface TaskLog {
  readonly log: Log
  /** Overrides that mean nothing to this backend, with their prefix. */
  readonly ignored: readonly string[]
  /** Null: the task shares its transactions with everybody. Otherwise ends and keeps out those who wrote as this task before. */
  readonly begin: (() => Promise<void>) | null
  /** Lets go of what the task has open. The log that it came from stays open. */
  close(): Promise<void>
}

/** Every override's name, as connectors spell it. */
export function overrideNames({ overrides }: TaskClient): string[] {
  return Object.entries(overrides).flatMap(([kind, properties]) =>
    Object.keys(properties).map((name) => `${kind}.override.${name}`),
  )
}
