import type { Schema } from './schema.ts'
import type { ConnectValue } from './value.ts'

export interface Header {
  readonly name: string
  readonly schema: Schema | null
  readonly value: ConnectValue
}

/** What transformations see, on both sides of the log. Records are immutable: a transformation returns a new one. */
export interface ConnectRecord {
  readonly topic: string
  /** Null on the source side: the key decides. */
  readonly partition: number | null
  /** Null together with a null key: the record has no key. */
  readonly keySchema: Schema | null
  readonly key: ConnectValue
  /**
   * A null value without a schema is a tombstone. A null value *with* a schema is written by JsonConverter as the
   * four bytes `null`, as the reference does.
   */
  readonly valueSchema: Schema | null
  readonly value: ConnectValue
  /** Milliseconds since 1970; null on the source side means "when it is appended". */
  readonly timestamp: number | null
  readonly headers: readonly Header[]
}

export type SourceRecord = ConnectRecord

export interface SinkRecord extends ConnectRecord {
  readonly partition: number
  /** Where it was read, unchanged by transformations: what offsets and errors refer to. */
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: bigint }
}

/** A flat JSON object, as the offset storage keeps it: `{"server":"prefix"}`, `{"lsn":12,"txId":3}`. */
export type JsonObject = { readonly [name: string]: JsonValue }
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject
