import { ConnectError } from '../../api/errors.ts'
import type { JsonObject, JsonValue } from '../../api/record.ts'

/**
 * The source offset in Debezium's form, as far as it matters here: where a connector goes on. Connectors of both kinds
 * can take over from each other.
 */
export type SourceOffset = SnapshotOffset | StreamOffset

/** The snapshot is not complete. Or it is, and nothing was streamed yet. */
export interface SnapshotOffset {
  readonly kind: 'snapshot'
  readonly isCompleted: boolean
  readonly lsn: bigint
  readonly txId: bigint
  readonly timeUs: bigint
  /** See `StreamOffset`. */
  readonly snapshotHolds: string | null
  /** A `SnapshotProgress`, from which one that is not complete goes on; null: it begins again. Tailrace's own field. */
  readonly progress: string | null
}

export interface StreamOffset {
  readonly kind: 'stream'
  /** Of the last change or commit that is complete. `lsn` and `lsn_proc` of the reference, which are the same here. */
  readonly lsn: bigint
  /** The end of the last transaction that is complete; null before the first. */
  readonly commitLsn: bigint | null
  /**
   * In the middle of a transaction: the end of the last one of which there were records, 0 for none, which `source.sequence`
   * names. Null: it is `commitLsn`. Tailrace's own field.
   */
  readonly sequenceLsn: bigint | null
  /** COMMIT: nothing of a later transaction is there. Else the operation of the last change of transaction `txId`. */
  readonly messageType: string
  readonly txId: bigint | null
  readonly timeUs: bigint | null
  /** How many changes at exactly `lsn` are done; null: all of them. Only Debezium writes it. */
  readonly changesAtLsn: bigint | null
  /**
   * A `pg_snapshot` and an LSN (`xmin:xmax:xip,…@0/123`): streamed transactions up to there that the snapshot has seen
   * are left out. Tailrace's own field, only there while it matters.
   */
  readonly snapshotHolds: string | null
  /** With `provide.transaction.metadata`: the changes of the transaction under way that are done, by table. */
  readonly transactionCounts: ReadonlyMap<string, number>
}

const TRANSACTION_COUNT = 'transaction_data_collection_order_'
const SNAPSHOT_HOLDS = 'tailrace_snapshot'
const SEQUENCE = 'tailrace_sequence'
const SNAPSHOT_PROGRESS = 'tailrace_snapshot_progress'

export function writeSourceOffset(offset: SourceOffset): JsonObject {
  const holds = offset.snapshotHolds === null ? {} : { [SNAPSHOT_HOLDS]: offset.snapshotHolds }
  if (offset.kind === 'snapshot') {
    return {
      ts_usec: offset.timeUs,
      txId: offset.txId,
      lsn: offset.lsn,
      snapshot: 'INITIAL',
      last_snapshot_record: offset.isCompleted,
      snapshot_completed: offset.isCompleted,
      ...holds,
      ...(offset.progress === null ? {} : { [SNAPSHOT_PROGRESS]: offset.progress }),
    }
  }
  return {
    lsn_proc: offset.lsn,
    messageType: offset.messageType,
    ...(offset.commitLsn === null ? {} : { lsn_commit: offset.commitLsn }),
    lsn: offset.lsn,
    ...(offset.txId === null ? {} : { txId: offset.txId }),
    ...(offset.timeUs === null ? {} : { ts_usec: offset.timeUs }),
    ...(offset.sequenceLsn === null ? {} : { [SEQUENCE]: offset.sequenceLsn }),
    ...holds,
    ...transactionCounts(offset),
  }
}

function transactionCounts({ txId, transactionCounts: counts }: StreamOffset): JsonObject {
  if (counts.size === 0) return {}
  const entries = [...counts].map(
    ([table, count]) => [`${TRANSACTION_COUNT}${table}`, BigInt(count)] as const,
  )
  return { transaction_id: String(txId), ...Object.fromEntries(entries) }
}

/** Throws `postgres.offset-invalid`. */
export function readSourceOffset(json: JsonObject): SourceOffset {
  const lsn = integer(json, 'lsn')
  const processed = integer(json, 'lsn_proc') ?? lsn
  if (processed === null) {
    throw new ConnectError(
      'postgres.offset-invalid',
      'The stored source offset has no "lsn". Reset the offsets of the connector, or set them to the form that GET /connectors/{name}/offsets shows.',
    )
  }
  const snapshot = json['snapshot']
  const snapshotHolds = textOf(json, SNAPSHOT_HOLDS)
  // Up to Debezium 2.x it is `true`; a snapshot's last record made it complete then.
  // Snapshots on demand lie in the stream, which goes on where it was.
  const isStream =
    snapshot === undefined ||
    snapshot === null ||
    snapshot === false ||
    snapshot === 'BLOCKING' ||
    snapshot === 'INCREMENTAL'
  if (!isStream) {
    return {
      kind: 'snapshot',
      isCompleted: json['snapshot_completed'] === true || json['last_snapshot_record'] === true,
      lsn: lsn ?? processed,
      txId: integer(json, 'txId') ?? 0n,
      timeUs: integer(json, 'ts_usec') ?? 0n,
      snapshotHolds,
      progress: textOf(json, SNAPSHOT_PROGRESS),
    }
  }
  const type = json['messageType']
  return {
    kind: 'stream',
    lsn: processed,
    commitLsn: integer(json, 'lsn_commit'),
    sequenceLsn: integer(json, SEQUENCE),
    messageType: typeof type === 'string' ? type : 'COMMIT',
    txId: integer(json, 'txId'),
    timeUs: integer(json, 'ts_usec'),
    changesAtLsn: integer(json, 'lsn_events_processed'),
    snapshotHolds,
    transactionCounts: new Map(
      Object.keys(json)
        .filter((name) => name.startsWith(TRANSACTION_COUNT))
        .map((name) => [name.slice(TRANSACTION_COUNT.length), Number(integer(json, name) ?? 0n)]),
    ),
  }
}

/** Transactions that committed before it are delivered completely: what the server may be told once it is durable. */
export function doneUpTo(offset: StreamOffset): bigint {
  return offset.messageType === 'COMMIT' ? offset.lsn : (offset.commitLsn ?? 0n)
}

function textOf(json: JsonObject, name: string): string | null {
  const value = json[name]
  return typeof value === 'string' ? value : null
}

function integer(json: JsonObject, name: string): bigint | null {
  const value: JsonValue | undefined = json[name]
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (value === undefined || value === null) return null
  throw new ConnectError(
    'postgres.offset-invalid',
    `The "${name}" of the stored source offset is not an integer.`,
  )
}
