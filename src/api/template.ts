import type { Schema } from './schema.ts'
import type { ConnectValue } from './value.ts'

/**
 * A record before its row is known: the shape that all rows of one relation version and one operation share. The
 * source hands templates to the runtime, transformations rewrite them, converters say how they are rendered, and the
 * source compiles the result into an emitter that goes from PostgreSQL's bytes to the record's bytes in one pass.
 *
 * A transformation sees in a template what it would see in a record, only that the leaves are not there yet: the
 * operation is a constant, a column is a slot. So `ExtractNewRecordState` picks the `after` struct and appends the
 * slots it is asked for, and nothing of the envelope is left to do for a row.
 */
export type Template = ConstantTemplate | SlotTemplate | StructTemplate

/** The same value in every record. */
export interface ConstantTemplate {
  readonly kind: 'constant'
  readonly schema: Schema
  readonly value: ConnectValue
}

/** A value that the source fills in for each record. `slot` belongs to the source; others pass it on untouched. */
export interface SlotTemplate {
  readonly kind: 'slot'
  readonly schema: Schema
  readonly slot: object
  /** A null of this slot is written as the schema's default: a transformation copied it with `replace.null.with.default`. */
  readonly nullAsDefault?: boolean
}

export interface StructTemplate {
  readonly kind: 'struct'
  /** `schema.fields` and `fields` are parallel. */
  readonly schema: Schema
  readonly fields: readonly Template[]
}

/** A null key or value is one without a schema: no key, a tombstone. A null *with* a schema is a constant. */
export interface RecordTemplate {
  readonly topic: string
  readonly key: Template | null
  readonly value: Template | null
  readonly headers: readonly HeaderTemplate[]
}

export interface HeaderTemplate {
  readonly name: string
  readonly value: Template
}

/**
 * How a converter writes a template: as JSON text between two constant texts. With `schemas.enable=true` they hold the
 * schema (`{"schema":{…},"payload":` and `}`); otherwise they are empty.
 */
export interface JsonRendering {
  readonly kind: 'json'
  readonly prefix: string
  readonly template: Template
  readonly suffix: string
  readonly decimalFormat: 'base64' | 'numeric'
  /** Whether a null in a field with a default is written as the default. */
  readonly replaceNullWithDefault: boolean
}

/** What the runtime answers for a template: where its records go and how key and value are written. */
export interface CompiledRecord {
  readonly kind: 'compiled'
  readonly topic: string
  /** How many partitions the topic has; above 1 the key's bytes choose (`partitionForKey`). */
  readonly partitions: number
  /** Null: the record has no key. */
  readonly key: JsonRendering | null
  /** Null: the record has no value. */
  readonly value: JsonRendering | null
  /** The header block of every record, as `encodeHeaders` writes it: the batch's common headers. */
  readonly headers: Uint8Array
}

/**
 * `dropped`: a transformation filters these records out. `general`: something in the chain cannot be expressed at
 * compile time, so the source must deliver records.
 */
export type CompileResult = CompiledRecord | { readonly kind: 'dropped' } | { readonly kind: 'general' }
