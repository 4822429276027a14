/** The `source.snapshot` marks of Debezium. */
export type SnapshotMark =
  | 'first'
  | 'first_in_data_collection'
  | 'true'
  | 'last_in_data_collection'
  | 'last'
  | 'false'
  /** A row of an incremental snapshot: it belongs to no transaction. */
  | 'incremental'

/**
 * Where and when the change at hand happened: what the source block and added fields are filled from. One mutable
 * object for each reader; set before a change is emitted, never kept.
 */
export interface ChangePosition {
  snapshot: SnapshotMark
  /** The LSN of the change, or of the snapshot. */
  lsn: bigint
  /** The LSN of the commit before this transaction's; null until one was seen. First half of `sequence`. */
  lastCommitLsn: bigint | null
  txId: number
  /** The slot's `catalog_xmin`, with `xmin.fetch.interval.ms`; null without. */
  xmin: bigint | null
  /** Commit time (streaming) or the time of reading (snapshot), microseconds since 1970. */
  sourceTimeUs: bigint
  /** When the connector processed it, microseconds since 1970: `ts_ms`, `ts_us`, `ts_ns` of the envelope. */
  processedTimeUs: bigint
  /** Which change of its transaction it is, from 1; and which of its table. 0 unless these are counted. */
  totalOrder: number
  collectionOrder: number
}

/** Before anything was read. */
export function positionOfNothing(): ChangePosition {
  return {
    snapshot: 'false',
    lsn: 0n,
    lastCommitLsn: null,
    txId: 0,
    xmin: null,
    sourceTimeUs: 0n,
    processedTimeUs: 0n,
    totalOrder: 0,
    collectionOrder: 0,
  }
}
