import type { SinkBatch } from './sink-task.ts'
import type { SourceBatch } from './source-task.ts'

/** Reads tables beside the task of a source connector, for comparing them with what a sink made of them. */
export interface TableReader {
  /** Whether rows go to wanted topics; `maybe` where only the rows could tell. */
  feeds(isWanted: (topic: string) => boolean): Promise<'surely' | 'maybe' | 'no'>
  /**
   * One moment of the tables whose rows go to wanted topics. Waits until everything that it does not show can be told
   * from it by its version.
   * @param only rows with other keys are not wanted; a reader that cannot ask for rows by their keys reads all of them
   */
  begin(isWanted: (topic: string) => boolean, only?: WantedKeys | null): Promise<TablePass>
  /** Whether the connector has all changes before a position in the log. */
  hasStreamed(position: bigint): Promise<boolean>
  close(): void
}

/** Keys of rows: the texts of so many columns each, as PostgreSQL would write them. */
export type WantedKeys = (columns: number) => readonly (readonly string[])[]

export interface TablePass {
  /** `schema.table` */
  readonly tables: readonly string[]
  /** Where their rows go, as far as that is known before they are read. */
  readonly topics: readonly string[]
  /** As statistics have it. */
  readonly expectedRows: number
  /** All that this moment shows was written before this position. */
  readonly position: bigint
  /** Every change that this moment does not show has a higher version. */
  readonly version: bigint
  /** Rows, in the form in which a snapshot would write them. Null: that was all. */
  poll(): Promise<SourceBatch | null>
  close(): void
}

/** Two numbers of 32 bits: equal for equal contents, different for nearly all others. */
export interface Digest {
  low: number
  high: number
}

/** The document that a row should have. Valid during the call that it is given to. */
export interface ExpectedDocument {
  readonly index: string
  readonly id: string
  readonly digest: Digest
  json(): string
}

/** A document that is there. Valid during the call that it is given to. */
export interface FoundDocument {
  readonly index: string
  readonly id: string
  readonly digest: Digest
}

export interface DocumentName {
  readonly index: string
  readonly id: string
}

export interface StoredDocument {
  readonly version: bigint
  readonly json: string
}

/** A null `json` deletes. */
export interface DocumentRepair extends DocumentName {
  readonly json: string | null
  readonly version: bigint
}

/** Reads and repairs the documents of a sink connector beside its tasks. */
export interface DocumentReader {
  /** Versions of documents are offsets of records, which no moment of the database can be compared with. */
  readonly areVersionsOffsets: boolean
  /** Values become documents as they are; otherwise they are envelopes of changes. */
  readonly areValuesDocuments: boolean
  /** Fields of documents that are none of rows, and are not compared. Before anything else. */
  leaveOut(fields: readonly string[]): void
  /** The index of a topic. Throws `ConfigError` where its documents cannot be told from rows. */
  indexOf(topic: string): string
  /** The documents that the task would write for the records of a batch. */
  expected(batch: SinkBatch, take: (document: ExpectedDocument) => void): Promise<void>
  /** How many documents there are. */
  count(index: string): Promise<number>
  /** All documents that were written before the call. One may be given more than once. */
  scan(index: string, take: (document: FoundDocument) => void): Promise<void>
  /** Their ids alone, which is faster. */
  scanIds(index: string, take: (id: string) => void): Promise<void>
  /** The key of a row of so many key columns whose document has this id; null: no such row has. */
  keyOf(id: string, columns: number): readonly string[] | null
  /** Documents as they are now, in the order of their names; null: there is none. */
  read(names: readonly DocumentName[]): Promise<readonly (StoredDocument | null)[]>
  isSame(expected: string, stored: string): boolean
  /** In the order of the repairs whether each was made; not where a newer version is there. Throws for all others. */
  repair(repairs: readonly DocumentRepair[]): Promise<readonly boolean[]>
  close(): void
}
