import { readJson } from '../../../api/json/json-reader.ts'
import { parseAvro } from './avro-parse.ts'
import type { AvroSchema } from './avro-schema.ts'

const optionalField = (name: string, type: string): string =>
  `{"name":"${name}","type":["null",${type}],"default":null}`
const PRIMITIVES = ['boolean', 'bytes', 'double', 'float', 'int', 'long', 'string']

/** The reference's schema for data without a schema: a record of which one field is set. */
export const ANYTHING_TEXT = `{"type":"record","name":"Anything","namespace":"io.confluent.connect.avro","fields":[${[
  ...PRIMITIVES.map((name) => optionalField(name, `"${name}"`)),
  optionalField('array', '{"type":"array","items":"Anything"}'),
  optionalField(
    'map',
    '{"type":"array","items":{"type":"record","name":"MapEntry","fields":[{"name":"key","type":"Anything"},{"name":"value","type":"Anything"}]}}',
  ),
].join(',')}]}`

export const ANYTHING: AvroSchema = parseAvro(readJson(Buffer.from(ANYTHING_TEXT)))
