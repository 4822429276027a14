import type { ByteWriter } from '../../api/byte-writer.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { RegistrySchemaType, SchemaReference, StoredSchema } from './registry-client.ts'

/** A schema with the texts of those it builds upon, by the name that it calls them; each after those it builds upon. */
export interface ResolvedSchema extends StoredSchema {
  readonly referenced: ReadonlyMap<string, string>
}

/** Writes what comes after the id. Throws `DataError`. */
export type PayloadWrite = (value: ConnectValue, out: ByteWriter) => void

/** Reads what comes after the id, from this place on. Throws `DataError`. */
export type PayloadRead = (bytes: Uint8Array, at: number) => SchemaAndValue

/** A Connect schema in terms of a format. */
export interface DescribedSchema {
  readonly text: string
  readonly references: readonly SchemaReference[]
  /** The full name of a record or message, for subjects that are named after it; null where it is none. */
  readonly recordName: string | null
  readonly write: PayloadWrite
  /** How to write with another schema of the registry instead. Throws `DataError` where the two do not fit. */
  writeWith(stored: ResolvedSchema, isStrict: boolean): PayloadWrite
}

/** What sets Avro, JSON Schema and Protobuf apart. Throws `DataError` for what a format cannot express. */
export interface SchemaFormat {
  readonly type: RegistrySchemaType
  /** As messages call it. */
  readonly label: string
  describe(schema: Schema | null): DescribedSchema
  recordName(stored: ResolvedSchema): string | null
  /** @param version of the schema under its subject; null where it is not known */
  reader(stored: ResolvedSchema, version: number | null): PayloadRead
}
