import { DataError } from '../../api/errors.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import { documentJson } from './document-json.ts'
import type { DocumentBytes } from './document-writer.ts'
import { findField } from './json-walk.ts'
import { fieldOf } from './record-field.ts'

/** What `routing.field` says, as JSON strings. Throws `DataError` for records that do not have it. */
export class Routing {
  readonly #field: string
  readonly #name: Buffer

  constructor(field: string) {
    this.#field = field
    this.#name = Buffer.from(field)
  }

  ofDocument({ bytes, start, end }: DocumentBytes): string {
    const place = findField(bytes, [start, end], this.#name)
    const text =
      place === null
        ? 'null'
        : Buffer.from(bytes.buffer, bytes.byteOffset).toString('utf8', place[0], place[1]).trim()
    return this.#quoted(text, 'value')
  }

  ofKey(key: SchemaAndValue | null): string {
    const { schema, value } = fieldOf(key ?? { schema: null, value: null }, this.#field)
    return this.#quoted(documentJson(schema, value, { isSchemaIgnored: false, isMapCompact: true }), 'key')
  }

  #quoted(json: string, where: 'key' | 'value'): string {
    if (json.startsWith('"')) return json
    if (json !== 'null' && !/^[{[]/.test(json)) return `"${json}"`
    throw new DataError(
      'elasticsearch.record-invalid',
      `routing.field '${this.#field}' has to be a text, a number or a boolean in the ${where}, and this record has none`,
    )
  }
}
