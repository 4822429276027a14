import { ConfigDef, validators, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { Decimal } from '../../api/decimal.ts'
import { DataError } from '../../api/errors.ts'
import { parseDecimal } from '../../api/json/json-reader.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { castValue } from './cast-value.ts'
import { changeFields, compileFields, type FieldChange } from './field-values.ts'
import { javaClassName } from '../../api/java/java-class-name.ts'
import { keyAndValue, type SideTransformation } from './key-or-value.ts'
import { replaceNullWithDefaultOption } from '../null-as-default.ts'
import { distinctValues } from '../option-validators.ts'
import { requireMap, requireStruct } from '../requirements.ts'

const PURPOSE = 'mask fields'
const DECIMAL: Schema = { type: 'bytes', optional: false }
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

const options = {
  fields: {
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'The fields to mask.',
    validator: distinctValues('fields'),
  },
  replacement: {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    documentation:
      'What the fields, which have to be numbers or strings, hold instead; without it an empty value of their type.',
    validator: validators.nonEmpty(),
  },
  'replace.null.with.default': replaceNullWithDefaultOption,
} as const satisfies OptionDefinitions

class MaskField implements SideTransformation, FieldChange {
  readonly replacesNull: boolean
  readonly #fields: ReadonlySet<string>
  readonly #replacement: string | null

  constructor(config: ParsedConfig<typeof options>) {
    this.#fields = new Set(config.fields)
    this.#replacement = config.replacement
    this.replacesNull = config['replace.null.with.default']
  }

  apply({ schema, value }: SchemaAndValue): SchemaAndValue {
    if (schema === null) {
      const map = new Map(requireMap(value, PURPOSE))
      for (const field of this.#fields) map.set(field, this.#masked(null, map.get(field) ?? null))
      return { schema, value: map }
    }
    const struct = requireStruct(schema, value, PURPOSE)
    return { schema, value: changeFields(struct, schema, this) }
  }

  compile(struct: StructTemplate): Template | null {
    return compileFields(struct, struct.schema, this)
  }

  touches(name: string): boolean {
    return this.#fields.has(name)
  }

  change(_name: string, schema: Schema, value: ConnectValue): ConnectValue {
    return this.#masked(schema, value)
  }

  #masked(schema: Schema | null, value: ConnectValue): ConnectValue {
    if (value === null) return null
    return this.#replacement === null ? emptied(schema, value) : replaced(schema, value, this.#replacement)
  }
}

/** The empty value of the same type. */
function emptied(schema: Schema | null, value: NonNullable<ConnectValue>): ConnectValue {
  if (typeof value === 'boolean') return false
  if (typeof value === 'number') return 0
  if (typeof value === 'bigint') return 0n
  if (typeof value === 'string') return ''
  if (value instanceof Decimal) return new Decimal(0n, 0)
  if (value instanceof Date) return new Date(0)
  if (value instanceof Map) return new Map()
  if (!isStruct(value) && !(value instanceof Uint8Array)) return []
  throw new DataError(
    'connect.data-invalid',
    `Cannot mask value of type: class ${javaClassName(schema, value)}`,
  )
}

/** The replacement as a value of the same type. */
function replaced(schema: Schema | null, value: NonNullable<ConnectValue>, text: string): ConnectValue {
  if (typeof value === 'string') return text
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  if (!isNumber && !(value instanceof Decimal)) {
    throw new DataError(
      'connect.data-invalid',
      `Cannot mask value of type class ${javaClassName(schema, value)} with custom replacement.`,
    )
  }
  if (!NUMBER.test(text)) {
    throw new DataError(
      'connect.data-invalid',
      `Unable to convert ${text} (class java.lang.String) to ${isNumber ? 'a number' : 'number'}`,
    )
  }
  const decimal = parseDecimal(
    text
      .replace(/^\+/, '')
      .replace(/^(-?)\./, '$10.')
      .replace(/\.(?=$|e)/i, ''),
  )
  if (!isNumber) return decimal
  if (schema === null) return typeof value === 'number' ? Number(text) : castValue(DECIMAL, decimal, 'int64')
  const { type } = schema
  return type === 'int8' || type === 'int16' || type === 'int32' || type === 'int64' || type === 'float'
    ? castValue(DECIMAL, decimal, type)
    : Number(text)
}

const configDef = new ConfigDef(options)

/** Puts empty or given values in the place of fields that nobody is to see. */
export const maskField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.MaskField',
  version: '4.3.1',
  configDef,
  create: (config) => new MaskField(configDef.parse(config)),
})
