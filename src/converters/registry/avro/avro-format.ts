import { Decimal } from '../../../api/decimal.ts'
import { unscaledFromBytes } from '../../../api/json/json-decimal.ts'
import { readJson } from '../../../api/json/json-reader.ts'
import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { bytesOf } from '../connect-values.ts'
import type {
  DescribedSchema,
  PayloadRead,
  PayloadWrite,
  ResolvedSchema,
  SchemaFormat,
} from '../schema-format.ts'
import { ANYTHING, ANYTHING_TEXT } from './avro-anything.ts'
import { avroSchemaOf } from './avro-from-connect.ts'
import type { AvroMapping } from './avro-options.ts'
import { parseAvro } from './avro-parse.ts'
import { compileAvroRead } from './avro-read.ts'
import { avroText, fullName, type AvroSchema } from './avro-schema.ts'
import { ConnectTranslation } from './avro-to-connect.ts'
import { compileAvroWrite } from './avro-write.ts'
import { ByteCursor } from './byte-cursor.ts'

/** Avro, as Confluent's `AvroData` brings it together with Connect. */
export class AvroFormat implements SchemaFormat {
  readonly type = 'AVRO'
  readonly label = 'Avro'
  readonly #mapping: AvroMapping

  constructor(mapping: AvroMapping) {
    this.#mapping = mapping
  }

  describe(schema: Schema | null): DescribedSchema {
    const avro = avroSchemaOf(schema, this.#mapping)
    return {
      text: avroText(avro),
      references: [],
      recordName: recordNameOf(avro),
      write: this.#write(schema, avro, true),
      writeWith: (stored, isStrict) => this.#write(schema, parsed(stored), isStrict),
    }
  }

  recordName(stored: ResolvedSchema): string | null {
    return recordNameOf(parsed(stored))
  }

  reader(stored: ResolvedSchema, version: number | null): PayloadRead {
    const avro = parsed(stored)
    const schema = avro === ANYTHING ? null : new ConnectTranslation(this.#mapping).translate(avro, version)
    if (avro.type === 'bytes' && schema !== null) {
      return (bytes, at) => ({ schema, value: plainBytes(schema, bytes.subarray(at)) })
    }
    const read = compileAvroRead(avro, schema)
    return (bytes, at) => ({ schema, value: read(new ByteCursor(bytes, at)) })
  }

  /** Bytes alone go as they are, without their length. */
  #write(schema: Schema | null, avro: AvroSchema, isStrict: boolean): PayloadWrite {
    if (avro.type === 'bytes' && schema?.type === 'bytes') {
      return (value, out) => {
        const bytes = bytesOf(schema, value)
        out.copy(bytes, 0, bytes.length)
      }
    }
    return compileAvroWrite(schema, avro, { mapping: this.#mapping, isStrict })
  }
}

function plainBytes(schema: Schema, bytes: Uint8Array): ConnectValue {
  if (schema.name !== LOGICAL.decimal) return Buffer.from(bytes)
  return new Decimal(unscaledFromBytes(bytes), Number(schema.parameters?.['scale'] ?? 0))
}

function parsed({ text, referenced }: ResolvedSchema): AvroSchema {
  if (text === ANYTHING_TEXT) return ANYTHING
  const names = new Map<string, AvroSchema>()
  for (const other of referenced.values()) parseAvro(readJson(Buffer.from(other)), names)
  const avro = parseAvro(schemaJsonOf(text), names)
  return avro.type === 'record' && avroText(avro) === ANYTHING_TEXT ? ANYTHING : avro
}

/** A registry keeps the name of a primitive type with quotes or without. */
function schemaJsonOf(text: string) {
  return /^\s*[[{"]/.test(text) ? readJson(Buffer.from(text)) : text.trim()
}

function recordNameOf(avro: AvroSchema): string | null {
  return avro.name === undefined ? null : fullName(avro)
}
