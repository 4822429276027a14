import { ConfigDef, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { ConfigError, DataError } from '../../api/errors.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { ConnectRecord, SinkRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { RecordTemplate, StructTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { keyAndValue, type SideTransformation } from './key-or-value.ts'
import { fieldValue, nullAsDefault, replaceNullWithDefaultOption } from '../null-as-default.ts'
import { PerSchema, schemaBasics, structOf } from '../rebuilt-schema.ts'
import { requireMap, requireStruct } from '../requirements.ts'

const PURPOSE = 'field insertion'
const OPTIONALITY = 'A ! after the name makes the field required; otherwise, and with a ?, it is optional.'

const options = {
  'topic.field': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    documentation: `The field for the name of the topic. ${OPTIONALITY}`,
  },
  'partition.field': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    documentation: `The field for the partition, where the record has one already. ${OPTIONALITY}`,
  },
  'offset.field': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    documentation: `The field for the offset; sink connectors only. ${OPTIONALITY}`,
  },
  'timestamp.field': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    documentation: `The field for the time of the record, where it has one already. ${OPTIONALITY}`,
  },
  'static.field': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    documentation: `The field for static.value. ${OPTIONALITY}`,
  },
  'static.value': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    documentation: 'The value of static.field.',
  },
  'replace.null.with.default': replaceNullWithDefaultOption,
} as const satisfies OptionDefinitions

/** One field to add. */
interface Insertion {
  readonly name: string
  readonly schema: Schema
  /** Null: the record has none. */
  readonly valueOf: (record: ConnectRecord) => ConnectValue
}

class InsertField implements SideTransformation {
  readonly #insertions: readonly Insertion[]
  readonly #needsTimestamp: boolean
  readonly #replacesNull: boolean
  readonly #schemas = new PerSchema((schema) =>
    structOf(
      [...schema.fields!, ...this.#insertions.map(({ name, schema }) => ({ name, schema }))],
      schemaBasics(schema),
    ),
  )

  constructor(config: ParsedConfig<typeof options>) {
    this.#insertions = insertionsOf(config)
    this.#needsTimestamp = config['timestamp.field'] !== null
    this.#replacesNull = config['replace.null.with.default']
  }

  apply(side: SchemaAndValue, record: ConnectRecord): SchemaAndValue {
    const { schema, value } = side
    if (value === null) return side
    if (schema === null) {
      const map = new Map(requireMap(value, PURPOSE))
      for (const { name, valueOf } of this.#insertions) {
        const inserted = valueOf(record)
        if (inserted !== null) map.set(name, schemaless(inserted))
      }
      return { schema, value: map }
    }
    const struct = requireStruct(schema, value, PURPOSE)
    const updated = this.#schemas.get(struct.schema)
    const values = struct.schema.fields!.map((_, index) => fieldValue(struct, index, this.#replacesNull))
    for (const { valueOf } of this.#insertions) values.push(valueOf(record))
    return { schema: updated, value: new ValueStruct(updated, values) }
  }

  compile(struct: StructTemplate, { topic }: RecordTemplate): Template | null {
    // A template does not say which time a record will have.
    if (this.#needsTimestamp) return null
    const record = { topic, partition: null } as ConnectRecord
    const inserted = this.#insertions.map(({ schema, valueOf }): Template => ({
      kind: 'constant',
      schema,
      value: valueOf(record),
    }))
    const fields = this.#replacesNull ? struct.fields.map(nullAsDefault) : struct.fields
    return { kind: 'struct', schema: this.#schemas.get(struct.schema), fields: [...fields, ...inserted] }
  }
}

/** As schemaless data has it: whole numbers are bigints, times milliseconds. */
function schemaless(value: ConnectValue): ConnectValue {
  if (value instanceof Date) return BigInt(value.getTime())
  return typeof value === 'number' ? BigInt(value) : value
}

function insertionsOf(config: ParsedConfig<typeof options>): readonly Insertion[] {
  const insertions: Insertion[] = []
  const add = (option: string | null, schema: Schema, valueOf: Insertion['valueOf']): void => {
    if (option === null) return
    const hasMark = option.endsWith('!') || option.endsWith('?')
    const name = hasMark ? option.slice(0, -1) : option
    insertions.push({ name, schema: { ...schema, optional: !option.endsWith('!') }, valueOf })
  }
  const timestamp: Schema = { type: 'int64', optional: false, name: LOGICAL.timestamp, version: 1 }
  add(config['topic.field'], { type: 'string', optional: false }, ({ topic }) => topic)
  add(config['partition.field'], { type: 'int32', optional: false }, ({ partition }) => partition)
  add(config['offset.field'], { type: 'int64', optional: false }, offsetOf)
  add(config['timestamp.field'], timestamp, ({ timestamp }) =>
    timestamp === null ? null : new Date(timestamp),
  )
  add(config['static.field'], { type: 'string', optional: false }, () => config['static.value'])
  if (insertions.length === 0)
    throw new ConfigError('connect.config-invalid', 'No field insertion configured')
  if (config['static.field'] !== null && config['static.value'] === null) {
    throw new ConfigError(
      'connect.config-invalid',
      `Invalid value null for configuration static.value: No value specified for static field: ${config['static.field']}`,
    )
  }
  return insertions
}

function offsetOf(record: ConnectRecord): bigint {
  if ('origin' in record) return (record as SinkRecord).origin.offset
  throw new DataError(
    'connect.data-invalid',
    `Only SinkRecord supported for [${PURPOSE}], found: org.apache.kafka.connect.source.SourceRecord`,
  )
}

const configDef = new ConfigDef(options)

/** Adds fields: where the record lies, its time, a constant. */
export const insertField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.InsertField',
  version: '4.3.1',
  configDef,
  create: (config) => new InsertField(configDef.parse(config)),
})
