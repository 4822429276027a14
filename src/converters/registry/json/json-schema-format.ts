import { DataError, SerializationError } from '../../../api/errors.ts'
import { readJson } from '../../../api/json/json-reader.ts'
import type { Schema } from '../../../api/schema.ts'
import type { DescribedSchema, PayloadRead, ResolvedSchema, SchemaFormat } from '../schema-format.ts'
import { JsonSchemaDocuments } from './json-schema-documents.ts'
import { jsonSchemaText } from './json-schema-from-connect.ts'
import type { JsonSchemaMapping } from './json-schema-options.ts'
import { jsonSchemaValue } from './json-schema-read.ts'
import { ConnectTranslation } from './json-schema-to-connect.ts'
import { compileJsonWrite } from './json-schema-write.ts'

/** JSON with a JSON schema, as Confluent's `JsonSchemaData` brings it together with Connect. */
export class JsonSchemaFormat implements SchemaFormat {
  readonly type = 'JSON'
  readonly label = 'JSON'
  readonly #mapping: JsonSchemaMapping

  constructor(mapping: JsonSchemaMapping) {
    this.#mapping = mapping
  }

  describe(schema: Schema | null): DescribedSchema {
    if (schema === null) {
      throw new DataError(
        'connect.data-invalid',
        'Data without a schema has no JSON schema to register: use JsonConverter with schemas.enable=false',
      )
    }
    const write = compileJsonWrite(schema, this.#mapping)
    return {
      text: jsonSchemaText(schema, this.#mapping),
      references: [],
      recordName: schema.name ?? null,
      write,
      writeWith: (stored, isStrict) => {
        if (isStrict) checkFields(schema, this.#schemaOf(stored, null))
        return write
      },
    }
  }

  recordName(stored: ResolvedSchema): string | null {
    const title = new JsonSchemaDocuments(stored).root.attributes.get('title')
    return typeof title === 'string' ? title : null
  }

  reader(stored: ResolvedSchema, version: number | null): PayloadRead {
    const schema = this.#schemaOf(stored, version)
    return (bytes, at) => {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      try {
        const json = readJson(buffer, at, buffer.length, { fractions: 'decimal' })
        return { schema, value: jsonSchemaValue(schema, json, this.#mapping) }
      } catch (error) {
        if (!(error instanceof SerializationError)) throw error
        throw new SerializationError(
          'connect.data-invalid',
          `Error deserializing JSON message: ${error.message}`,
        )
      }
    }
  }

  #schemaOf(stored: ResolvedSchema, version: number | null): Schema {
    return new ConnectTranslation(new JsonSchemaDocuments(stored), this.#mapping).translate(version)
  }
}

/** Data goes as it is, so what the schema in the registry does not name would be there without a type. */
function checkFields(schema: Schema, stored: Schema): void {
  if (schema.type !== 'struct' || stored.type !== 'struct') return
  for (const field of schema.fields!) {
    const other = stored.fields!.find(({ name }) => name === field.name)
    if (other === undefined) {
      throw new DataError(
        'registry.schema-incompatible',
        `The schema in the registry, ${stored.name ?? 'without a title'}, has no field ${field.name}. Register one that has, or set latest.compatibility.strict=false (with use.schema.id: id.compatibility.strict=false)`,
      )
    }
    checkFields(field.schema, other.schema)
  }
}
