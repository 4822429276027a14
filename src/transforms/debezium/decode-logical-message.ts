import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import { readJson } from '../../api/json/json-reader.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { structSchema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import { inferSchema, jsonData } from './json-struct.ts'
import { requireStruct } from '../requirements.ts'

const MESSAGE_SCHEMA = 'io.debezium.connector.postgresql.MessageValue'

const configDef = new ConfigDef({
  'fields.null.include': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    width: 'MEDIUM',
    displayName: 'Defines whether to include fields with null values to the decoded structure',
    documentation: 'Whether fields that are null in the JSON are there, as optional bytes.',
  },
} as const satisfies OptionDefinitions)

/**
 * Turns messages of `pg_logical_emit_message` whose content is JSON into changes: the JSON becomes the row of an insert.
 * Other records pass as they are.
 */
export const decodeLogicalMessage: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.connector.postgresql.transforms.DecodeLogicalDecodingMessageContent',
  version: '3.7.0.Final',
  configDef,
  create: (config): Transformation => {
    const { 'fields.null.include': withNulls } = configDef.parse(config)
    return {
      apply: (record) => (record.valueSchema?.name === MESSAGE_SCHEMA ? decoded(record, withNulls) : record),
      compile: (template) => (template.value?.schema.name === MESSAGE_SCHEMA ? null : template),
    }
  },
}

function decoded<R extends ConnectRecord>(record: R, withNulls: boolean): R {
  const value = requireStruct(record.valueSchema, record.value, 'Retrieve a record value')
  const message = requireStruct(null, value.get('message'), 'Retrieve content of a logical decoding message')
  const content = message.get('content')
  if (!(content instanceof Uint8Array)) {
    throw new DataError(
      'connect.data-invalid',
      'The content of a logical decoding message is non-binary: set binary.handling.mode=bytes',
    )
  }
  const json = readJson(Buffer.from(content))
  if (!(json instanceof Map)) {
    throw new DataError(
      'connect.data-invalid',
      'Unable to parse logical decoding message content JSON string: it is no JSON object',
    )
  }
  const after = inferSchema(json, { withNulls, withEmptyArrays: false })!
  const kept = value.schema.fields!.filter(({ name }) => name !== 'message')
  const schema = structSchema([...kept, { name: 'after', schema: after }], {
    name: `${value.schema.name!}.Envelope`,
  })
  const values = kept.map(({ name }) => (name === 'op' ? 'c' : value.get(name)))
  return {
    ...record,
    // The prefix of the message says nothing of the row.
    keySchema: null,
    key: null,
    valueSchema: schema,
    value: new ValueStruct(schema, [...values, jsonData(json, after)]),
  }
}
