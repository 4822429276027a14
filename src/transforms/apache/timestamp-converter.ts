import { ConfigDef, validators, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { changeFields, compileFields, type FieldChange } from './field-values.ts'
import { keyAndValue, type SideTransformation } from './key-or-value.ts'
import { replaceNullWithDefaultOption } from '../null-as-default.ts'
import { fieldsOf, PerSchema, schemaBasics, structOf } from '../rebuilt-schema.ts'
import { requireMap, requireStructOrNull } from '../requirements.ts'
import { SimpleDateFormat } from './simple-date-format.ts'
import {
  convertTimestamp,
  TIMESTAMP_TYPES,
  timestampSchema,
  typeOfSchema,
  typeOfValue,
  type TimestampOptions,
  type TimestampType,
  type UnixPrecision,
} from './timestamp-types.ts'

const PURPOSE = 'converting timestamp formats'

const options = {
  field: {
    type: 'STRING',
    default: '',
    importance: 'HIGH',
    documentation: 'The field that holds the timestamp; empty if the whole key or value is one.',
  },
  'target.type': {
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'What the timestamp becomes: string, unix (a number), Date, Time or Timestamp.',
    validator: validators.oneOf(...TIMESTAMP_TYPES),
  },
  format: {
    type: 'STRING',
    default: '',
    importance: 'MEDIUM',
    documentation:
      'A pattern of java.text.SimpleDateFormat, such as yyyy-MM-dd HH:mm:ss, in UTC: how text is written or read.',
  },
  'unix.precision': {
    type: 'STRING',
    default: 'milliseconds',
    importance: 'LOW',
    documentation:
      'The unit of numbers that are read or written. Converting goes through milliseconds, so finer digits are lost.',
    validator: validators.oneOf('nanoseconds', 'microseconds', 'milliseconds', 'seconds'),
  },
  'replace.null.with.default': replaceNullWithDefaultOption,
} as const satisfies OptionDefinitions

class TimestampConverter implements SideTransformation, FieldChange {
  readonly replacesNull: boolean
  readonly #field: string
  readonly #options: TimestampOptions
  readonly #schemas = new PerSchema((schema) => this.#converted(schema))

  constructor(config: ParsedConfig<typeof options>) {
    this.#field = config.field
    this.#options = {
      target: config['target.type'] as TimestampType,
      format: formatOf(config.format, config['target.type']),
      precision: config['unix.precision'] as UnixPrecision,
    }
    this.replacesNull = config['replace.null.with.default']
  }

  apply(side: SchemaAndValue): SchemaAndValue {
    const { schema, value } = side
    if (schema === null) return this.#applyToSchemaless(side)
    if (this.#field === '') {
      const from = typeOfSchema(schema)
      return {
        schema: timestampSchema(this.#options.target, schema.optional),
        value: convertTimestamp(value, from, this.#options),
      }
    }
    const struct = requireStructOrNull(schema, value, PURPOSE)
    const updated = this.#schemas.get(schema)
    return { schema: updated, value: struct && changeFields(struct, updated, this) }
  }

  compile(struct: StructTemplate): Template | null {
    return this.#field === '' ? null : compileFields(struct, this.#schemas.get(struct.schema), this)
  }

  touches(name: string): boolean {
    return name === this.#field
  }

  change(_name: string, schema: Schema, value: ConnectValue): ConnectValue {
    return convertTimestamp(value, typeOfSchema(schema), this.#options)
  }

  #applyToSchemaless(side: SchemaAndValue): SchemaAndValue {
    const { value } = side
    if (value === null) return side
    const convert = (timestamp: ConnectValue): ConnectValue =>
      timestamp === null ? null : convertTimestamp(timestamp, typeOfValue(timestamp), this.#options)
    if (this.#field === '') return { schema: null, value: convert(value) }
    const map = new Map(requireMap(value, PURPOSE))
    map.set(this.#field, convert(map.get(this.#field) ?? null))
    return { schema: null, value: map }
  }

  #converted(schema: Schema): Schema {
    const fields = fieldsOf(schema).map(({ name, schema }) => ({
      name,
      schema: this.touches(name) ? timestampSchema(this.#options.target, schema.optional) : schema,
    }))
    const converted = { ...structOf(fields, schemaBasics(schema)), optional: schema.optional }
    const fallback = schema.default ?? null
    return isStruct(fallback) ? { ...converted, default: changeFields(fallback, converted, this) } : converted
  }
}

/** Null where none is configured. Throws `ConfigError`. */
function formatOf(pattern: string, target: string): SimpleDateFormat | null {
  if (pattern === '') {
    if (target !== 'string') return null
    throw new ConfigError(
      'connect.config-invalid',
      'TimestampConverter requires format option to be specified when using string timestamps',
    )
  }
  try {
    return new SimpleDateFormat(pattern)
  } catch (error) {
    throw new ConfigError(
      'connect.config-invalid',
      `TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${pattern}`,
      { cause: error },
    )
  }
}

const configDef = new ConfigDef(options)

/** Turns timestamps from text, numbers and Connect's types into one another. */
export const timestampConverter = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.TimestampConverter',
  version: '4.3.1',
  configDef,
  create: (config) => new TimestampConverter(configDef.parse(config)),
})
