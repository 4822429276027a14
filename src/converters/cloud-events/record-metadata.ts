import { DataError } from '../../api/errors.ts'
import { javaText } from '../../api/java/java-text.ts'
import type { Converter } from '../../api/plugin.ts'
import type { EncodedHeader } from '../../api/record-batch.ts'
import { fieldIndex } from '../../api/schema.ts'
import { isStruct, type Struct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { MetadataSources } from './metadata-sources.ts'

/** What an event says of a record, wherever that was found. */
export interface RecordMetadata {
  readonly source: Struct
  readonly operation: ConnectValue
  readonly transaction: Struct | null
  /** Undefined: to be made. */
  readonly id: ConnectValue | undefined
  readonly type: ConnectValue | undefined
  /** Undefined: nobody asked for it. */
  readonly traceparent: ConnectValue | undefined
  readonly dataSchemaName: string
}

/** Null: the record is no change, and has no event. */
export function recordMetadata(
  record: ConnectValue,
  headers: MetadataHeaders,
  sources: MetadataSources,
): RecordMetadata | null {
  const isInHeaders = sources.global === 'header'
  if (isInHeaders && !(headers.has('source') && headers.has('op'))) return null
  if (!isStruct(record)) throw mismatch()
  const source = isInHeaders ? headers.get('source') : fieldOf(record, 'source')
  if (!isStruct(source)) {
    throw new DataError(
      'connect.data-invalid',
      'CloudEvents need a record whose source says where it is from',
    )
  }
  const transaction = isInHeaders ? headers.find('transaction') : fieldOf(record, 'transaction')
  return {
    source,
    operation: isInHeaders ? headers.get('op') : fieldOf(record, 'op'),
    transaction: isStruct(transaction) ? transaction : null,
    id: sources.id === 'header' ? headers.get('id') : undefined,
    type: sources.type === 'header' ? headers.get('type') : undefined,
    traceparent: sources.traceparent === 'header' ? headers.find('traceparent') : undefined,
    dataSchemaName:
      sources.dataSchemaName === 'header'
        ? javaText(null, headers.get('dataSchemaName'))
        : `io.debezium.connector.${fieldText(source, 'connector')}.Data`,
  }
}

/** A record's headers, as the header converter wrote them. */
export class MetadataHeaders {
  readonly #headers: readonly EncodedHeader[]
  readonly #json: Converter

  /** @param json reads JSON with schemas */
  constructor(headers: readonly EncodedHeader[], json: Converter) {
    this.#headers = headers
    this.#json = json
  }

  has(name: string): boolean {
    return this.#headers.some((header) => header.name === name)
  }

  /** Of several of one name the last counts. */
  find(name: string): ConnectValue {
    const header = this.#headers.findLast((header) => header.name === name)
    return header === undefined ? null : this.#json.toConnectData('', header.value).value
  }

  get(name: string): ConnectValue {
    if (this.has(name)) return this.find(name)
    throw new DataError('connect.data-invalid', `Header \`${name}\` was not provided`)
  }
}

/** Null, too, where there is no such field; a default counts as the value. */
export function fieldOf(struct: Struct, name: string): ConnectValue {
  const index = fieldIndex(struct.schema, name)
  return index < 0 ? null : (struct.at(index) ?? struct.schema.fields![index]!.schema.default ?? null)
}

/** As Java writes it, `null` included. */
export function fieldText(struct: Struct, name: string): string {
  const schema = struct.schema.fields!.find((field) => field.name === name)?.schema ?? null
  return javaText(schema, fieldOf(struct, name))
}

export function mismatch(): DataError {
  return new DataError('connect.data-invalid', 'Mismatching schema')
}
