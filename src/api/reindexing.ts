import type { SinkTask } from './sink-task.ts'

/** Fills new indices beside those that a sink connector writes, and puts them in their places. */
export interface Reindexer {
  /** Versions of documents are offsets of records, not positions of changes. */
  readonly areVersionsOffsets: boolean
  /**
   * Makes the new indices of topics that have an index. Throws `ConfigError` where a new index would not become what the
   * old one is, or must not take its place; nothing is made then. Answers the names of the old ones.
   */
  begin(topics: readonly string[], options: ReindexOptions): Promise<readonly string[]>
  /** A task as the connector's own, except that it writes into the new indices, which it makes by the connector's rules. */
  task(writes: ReindexWrites): SinkTask
  /**
   * Puts the new indices in the places of the old ones, all at the same moment; those that are there already stay. Throws
   * `connect.reindex-fewer` where a new index has fewer documents.
   *
   * @param names of the indices (or aliases) that have a new one
   */
  swap(names: readonly string[], options: ReindexOptions): Promise<readonly ReindexedIndex[]>
  /** Deletes the old indices that are to go, once nobody searches in them any more. */
  tidy(names: readonly string[]): Promise<void>
  /** Deletes the new indices, as far as they are in nobody's place. */
  discard(names: readonly string[]): Promise<void>
  close(): void
}

export interface ReindexOptions {
  /** Where the contents come from: all that the topics ever held, or the rows of one moment and what the topics held since. */
  readonly from: 'log' | 'snapshot'
  readonly isDeletingOld: boolean
  /** A new index may have fewer documents than the old one. */
  readonly areFewerAccepted: boolean
}

export interface ReindexWrites {
  /** What the documents of a snapshot's rows have as version at most; null: these are the records of topics. */
  readonly rows: { readonly version: bigint } | null
  /** The new index has the rows of a snapshot that everything is known of by its version. */
  readonly isAfterRows: boolean
  /** There is a new index now. @param name of the old one */
  onIndex(name: string): void
}

export interface ReindexedIndex {
  /** What the connector writes to, and searchers ask. An alias from now on. */
  readonly name: string
  readonly index: string
  readonly documents: number
  /** Null: there was none, or it was replaced before the worker was started again. */
  readonly old: { readonly index: string; readonly documents: number; readonly isDeleted: boolean } | null
}
