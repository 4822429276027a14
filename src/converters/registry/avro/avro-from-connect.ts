import { Decimal } from '../../../api/decimal.ts'
import { DataError } from '../../../api/errors.ts'
import { unscaledBytes } from '../../../api/json/json-decimal.ts'
import { floatText } from '../../../api/json/json-number.ts'
import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import { isStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { schemaJson } from '../../json-schema.ts'
import { ANYTHING } from './avro-anything.ts'
import {
  DEFAULT_NAME,
  DEFAULT_PRECISION,
  isFixed,
  isUnion,
  MAP_ENTRY,
  NAMESPACE,
  PARAMETER,
  PROP,
  scrubbed,
  splitName,
} from './avro-names.ts'
import type { AvroMapping } from './avro-options.ts'
import { checkName, isNamed, type AvroField, type AvroSchema } from './avro-schema.ts'

const MS_PER_DAY = 86_400_000
const PRIMITIVES = {
  int8: 'int',
  int16: 'int',
  int32: 'int',
  int64: 'long',
  float: 'float',
  double: 'double',
  boolean: 'boolean',
} as const

/** The Avro schema of data with this Connect schema, null for data without. Throws `DataError`. */
export function avroSchemaOf(schema: Schema | null, mapping: AvroMapping): AvroSchema {
  return schema === null ? ANYTHING : new SchemaTranslation(mapping).translate(schema)
}

/** A map with such keys is one of Avro's; others are lists of entries. */
export function isAvroMap({ keySchema }: Schema, { allowOptionalMapKeys }: AvroMapping): boolean {
  return keySchema!.type === 'string' && (!keySchema!.optional || allowOptionalMapKeys)
}

/** One translation: equal structs become one type, structs without a name are numbered. */
class SchemaTranslation {
  readonly #mapping: AvroMapping
  readonly #structs = new Map<string, AvroSchema>()
  readonly #seenNames = new Set<string>()
  #unnamed = 0

  constructor(mapping: AvroMapping) {
    this.#mapping = mapping
  }

  translate(schema: Schema): AvroSchema {
    if (schema.type === 'struct') {
      if (isUnion(schema)) return this.#union(schema)
      const record = this.#record(schema)
      return schema.optional ? union([NULL, record]) : record
    }
    return this.#nullable(schema, this.#plain(schema))
  }

  /** A default has to fit the first type of a union, so null comes second beside one. */
  #nullable(schema: Schema, avro: AvroSchema): AvroSchema {
    if (!schema.optional) return avro
    return union(hasDefault(schema) ? [avro, NULL] : [NULL, avro])
  }

  #union(schema: Schema): AvroSchema {
    const branches = schema.fields!.map(({ schema: branch }) =>
      branch.type === 'struct' && !isUnion(branch) ? this.#record(branch) : this.#plain(branch),
    )
    return union(schema.optional ? [NULL, ...branches] : branches)
  }

  #record(schema: Schema): AvroSchema {
    const key = schemaJson({ ...schema, optional: false }, KEY_FORMAT)
    const known = this.#structs.get(key)
    if (known !== undefined) return known
    const { parameters } = schema
    const { discardTypeDocDefault } = this.#mapping
    const doc = parameters?.[discardTypeDocDefault ? PROP.recordDoc : PARAMETER.recordDoc]
    const record: AvroSchema & { fields: AvroField[] } = {
      type: 'record',
      ...this.#name(schema.name),
      ...(doc === undefined ? {} : { doc }),
      fields: [],
      props: new Map(),
    }
    checkName(record.name!, 'structs')
    this.#structs.set(key, record)
    for (const { name, schema: field } of schema.fields!) {
      const fieldDoc = discardTypeDocDefault ? undefined : parameters?.[PARAMETER.fieldDoc + name]
      record.fields.push(this.#field(scrubbed(name, this.#mapping), field, fieldDoc))
    }
    this.#annotate(schema, record)
    return record
  }

  #field(name: string, schema: Schema, typeDoc: string | undefined): AvroField {
    checkName(name, 'fields')
    const { metaData, discardTypeDocDefault } = this.#mapping
    const { namespace = '', name: last = '' } =
      schema.name === undefined ? {} : splitName(schema.name, this.#mapping)
    const typeName = `${namespace}.${last}`
    const isRepeated = schema.name !== undefined && this.#seenNames.has(typeName)
    if (schema.name !== undefined) this.#seenNames.add(typeName)
    const avro = this.translate(schema)
    const doc = discardTypeDocDefault ? schema.doc : typeDoc
    const props = new Map<string, ConnectValue>()
    const parameters = parametersProp(schema, discardTypeDocDefault)
    const holdsNamed = isNamed(avro) || (avro.branches?.some(isNamed) ?? false)
    if (metaData && isRepeated && holdsNamed && parameters !== null) props.set(PROP.parameters, parameters)
    const field = { name, schema: avro, ...(doc === undefined ? {} : { doc }), props }
    if (hasDefault(schema)) {
      const json = widened(schema, this.#defaultJson(schema, schema.default!))
      return isValidDefault(avro, json) ? { ...field, default: json } : field
    }
    return schema.optional ? { ...field, default: null } : field
  }

  #plain(schema: Schema): AvroSchema {
    const avro = this.#bare(schema)
    this.#annotate(schema, avro)
    return avro
  }

  #bare(schema: Schema): AvroSchema {
    const props = new Map<string, ConnectValue>()
    switch (schema.type) {
      case 'string':
        return this.#enum(schema) ?? { type: 'string', props }
      case 'bytes': {
        if (schema.name?.toLowerCase() === LOGICAL.decimal.toLowerCase()) {
          props.set('scale', BigInt(schema.parameters?.['scale'] ?? 0))
          props.set('precision', BigInt(schema.parameters?.[PARAMETER.precision] ?? DEFAULT_PRECISION))
        }
        if (!isFixed(schema)) return { type: 'bytes', props }
        const size = Number(schema.parameters![PARAMETER.fixedSize])
        return { type: 'fixed', ...this.#name(schema.name), size, props }
      }
      case 'array':
        return { type: 'array', items: this.translate(schema.valueSchema!), props }
      case 'map':
        return isAvroMap(schema, this.#mapping)
          ? { type: 'map', items: this.translate(schema.valueSchema!), props }
          : { type: 'array', items: this.#mapEntry(schema), props }
      case 'struct':
        return this.#record(schema)
      case 'int8':
      case 'int16':
      case 'int32':
      case 'int64':
      case 'float':
      case 'double':
      case 'boolean':
        return { type: PRIMITIVES[schema.type], props }
    }
  }

  #mapEntry(schema: Schema): AvroSchema {
    const isNamedEntry = schema.name !== undefined
    const name = isNamedEntry ? this.#name(schema.name) : { name: MAP_ENTRY, namespace: NAMESPACE }
    const props = new Map<string, ConnectValue>(isNamedEntry ? [[PROP.internalType, MAP_ENTRY]] : [])
    const fields = [
      this.#field('key', schema.keySchema!, undefined),
      this.#field('value', schema.valueSchema!, undefined),
    ]
    return { type: 'record', ...name, fields, props }
  }

  #enum(schema: Schema): AvroSchema | null {
    const { generalizedSumTypes, enhanced, discardTypeDocDefault } = this.#mapping
    const parameters = schema.parameters ?? {}
    const parameter = generalizedSumTypes ? PARAMETER.generalizedEnum : PARAMETER.enum
    const enumName = parameters[parameter]
    if ((!generalizedSumTypes && !enhanced) || enumName === undefined) return null
    const symbols = Object.keys(parameters).flatMap((key) =>
      key.startsWith(`${parameter}.`) ? [key.slice(parameter.length + 1)] : [],
    )
    const { name } = this.#name(schema.name)
    const doc = parameters[discardTypeDocDefault ? PROP.enumDoc : PARAMETER.enumDoc + name]
    const enumDefault = discardTypeDocDefault ? undefined : parameters[PARAMETER.enumDefault + name]
    return {
      type: 'enum',
      ...splitName(enumName, { ...this.#mapping, scrubNames: false }),
      ...(doc === undefined ? {} : { doc }),
      ...(enumDefault === undefined ? {} : { enumDefault }),
      symbols,
      props: new Map(),
    }
  }

  #name(name: string | undefined): { namespace: string; name: string } {
    if (name !== undefined) return splitName(name, this.#mapping)
    this.#unnamed++
    return { namespace: NAMESPACE, name: DEFAULT_NAME + (this.#unnamed > 1 ? this.#unnamed : '') }
  }

  /** Adds what only Connect knows, in the reference's order. */
  #annotate(schema: Schema, avro: AvroSchema): void {
    const { props } = avro
    const { metaData, discardTypeDocDefault } = this.#mapping
    const set = (name: string, value: ConnectValue): void => {
      if (!props.has(name)) props.set(name, value)
    }
    if (metaData) {
      if (schema.doc !== undefined) set(PROP.doc, schema.doc)
      if (schema.version !== undefined) set(PROP.version, BigInt(schema.version))
      const parameters = parametersProp(schema, discardTypeDocDefault)
      if (parameters !== null) set(PROP.parameters, parameters)
      const isFieldDefault = schema.parameters?.[PARAMETER.fieldDefault] !== undefined
      if (hasDefault(schema) && (discardTypeDocDefault || !isFieldDefault)) {
        set(PROP.default, this.#defaultJson(schema, schema.default!))
      }
      if (schema.name !== undefined) set(PROP.name, schema.name)
      if (schema.type === 'int8' || schema.type === 'int16') set(PROP.type, schema.type)
    }
    const logicalType = LOGICAL_TYPES.get(schema.name?.toLowerCase() ?? '')
    if (logicalType !== undefined) set('logicalType', logicalType)
    for (const [name, value] of Object.entries(schema.parameters ?? {})) {
      if (name.startsWith('avro')) set(name, value)
    }
  }

  #defaultJson(schema: Schema, value: ConnectValue): ConnectValue {
    if (value === null) return null
    switch (schema.type) {
      case 'int8':
      case 'int16':
      case 'int32':
      case 'int64':
        if (!(value instanceof Date)) return BigInt(value as number | bigint)
        return BigInt(schema.name === LOGICAL.date ? Math.floor(+value / MS_PER_DAY) : +value)
      case 'float':
        return Number(floatText(value as number))
      case 'bytes':
        return Buffer.from(
          value instanceof Decimal ? unscaledBytes(value.unscaled) : (value as Uint8Array),
        ).toString('latin1')
      case 'array':
        return (value as readonly ConnectValue[]).map((item) => this.#defaultJson(schema.valueSchema!, item))
      case 'map': {
        const entries = [...(value as ReadonlyMap<ConnectValue, ConnectValue>)].map(
          ([key, entry]) =>
            [
              this.#defaultJson(schema.keySchema!, key),
              this.#defaultJson(schema.valueSchema!, entry),
            ] as const,
        )
        return isAvroMap(schema, this.#mapping) ? new Map(entries) : entries
      }
      case 'struct': {
        if (!isStruct(value))
          throw new DataError('connect.data-invalid', 'A default of a struct is no struct')
        const fields = schema.fields!.map(
          ({ name, schema: field }, index) =>
            [scrubbed(name, this.#mapping), this.#defaultJson(field, value.at(index))] as const,
        )
        return isUnion(schema) ? (fields.find(([, json]) => json !== null)?.[1] ?? null) : new Map(fields)
      }
      case 'double':
      case 'boolean':
      case 'string':
        return value
    }
  }
}

const KEY_FORMAT = { decimalFormat: 'base64', replaceNullWithDefault: true } as const
const NULL: AvroSchema = { type: 'null', props: new Map() }

const LOGICAL_TYPES = new Map([
  [LOGICAL.decimal.toLowerCase(), 'decimal'],
  [LOGICAL.date.toLowerCase(), 'date'],
  [LOGICAL.time.toLowerCase(), 'time-millis'],
  [LOGICAL.timestamp.toLowerCase(), 'timestamp-millis'],
])

function union(branches: readonly AvroSchema[]): AvroSchema {
  return { type: 'union', branches, props: new Map() }
}

export function hasDefault(schema: Schema): boolean {
  return schema.default !== undefined && schema.default !== null
}

function parametersProp(schema: Schema, keepsAll: boolean): ConnectValue {
  const entries = Object.entries(schema.parameters ?? {}).filter(
    ([name]) => keepsAll || name !== PARAMETER.fieldDefault,
  )
  return entries.length === 0 ? null : new Map(entries)
}

/** Avro's Java library takes a float for a double where it is the default of a field: 0.1 becomes 0.10000000149011612. */
function widened(schema: Schema, json: ConnectValue): ConnectValue {
  return schema.type === 'float' && typeof json === 'number' ? Math.fround(json) : json
}

/** Avro's rule for the default of a field; of a union, one type has to take it. */
function isValidDefault(avro: AvroSchema, json: ConnectValue): boolean {
  switch (avro.type) {
    case 'union':
      return avro.branches!.some((branch) => isValidDefault(branch, json))
    case 'array':
      return (
        Array.isArray(json) &&
        (json as readonly ConnectValue[]).every((item) => isValidDefault(avro.items!, item))
      )
    case 'map':
      return json instanceof Map && [...json.values()].every((item) => isValidDefault(avro.items!, item))
    case 'record':
      return (
        json instanceof Map &&
        avro.fields!.every((field) => isValidDefault(field.schema, json.get(field.name) ?? null))
      )
    case 'null':
      return json === null
    case 'boolean':
      return typeof json === 'boolean'
    case 'int':
    case 'long':
      return typeof json === 'bigint'
    case 'float':
    case 'double':
      return typeof json === 'number' && Number.isFinite(json)
    case 'bytes':
    case 'string':
    case 'fixed':
    case 'enum':
      return typeof json === 'string'
  }
}
