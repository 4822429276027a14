import { Decimal } from '../../../api/decimal.ts'
import { DataError } from '../../../api/errors.ts'
import { unscaledFromBytes } from '../../../api/json/json-decimal.ts'
import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Field, Schema } from '../../../api/schema.ts'
import { ValueStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import {
  branchField,
  DEFAULT_NAME,
  DEFAULT_PRECISION,
  MAP_ENTRY,
  NAMESPACE,
  PARAMETER,
  PROP,
  UNION,
} from './avro-names.ts'
import type { AvroMapping } from './avro-options.ts'
import { fullName, type AvroField, type AvroSchema } from './avro-schema.ts'

const MS_PER_DAY = 86_400_000

/** A Connect schema that is being made. */
type Draft = { -readonly [K in keyof Schema]: Schema[K] } & { parameters?: Record<string, string> }

interface Circumstances {
  readonly isOptional: boolean
  /** The default of the field that has the type, which wins over the type's own. */
  readonly fieldDefault?: ConnectValue | undefined
  readonly fieldDoc?: string | undefined
  /** The version that the registry knows the schema by. */
  readonly version?: number | null
}

/** The Connect schema of data with an Avro schema, as the reference makes it. One instance an Avro schema. */
export class ConnectTranslation {
  readonly #mapping: AvroMapping
  /** Records under way, for those that hold themselves. */
  readonly #open = new Map<AvroSchema, Draft>()
  #unions = 0

  constructor(mapping: AvroMapping) {
    this.#mapping = mapping
  }

  /** @param version the version that the registry knows the schema by, or null. Throws `DataError`. */
  translate(avro: AvroSchema, version: number | null): Schema {
    return this.#schema(avro, { isOptional: false, version })
  }

  #schema(avro: AvroSchema, circumstances: Circumstances): Schema {
    const open = this.#open.get(avro)
    if (open !== undefined) return sameAs(open, circumstances.isOptional)
    if (avro.type === 'union') {
      const single = this.#singleBranch(avro)
      if (single !== null) {
        const { fieldDoc } = circumstances
        return this.#schema(single.branch, { isOptional: single.isOptional, fieldDoc })
      }
    }
    const draft = this.#bare(avro)
    this.#open.delete(avro)
    this.#describe(draft, avro, circumstances)
    if (circumstances.isOptional) draft.optional = true
    return draft
  }

  #singleBranch({ branches }: AvroSchema): { branch: AvroSchema; isOptional: boolean } | null {
    const others = branches!.filter(({ type }) => type !== 'null')
    if (others.length !== 1) return null
    if (branches!.length === 2) return { branch: others[0]!, isOptional: true }
    return this.#mapping.flattenSingletonUnions ? { branch: others[0]!, isOptional: false } : null
  }

  #bare(avro: AvroSchema): Draft {
    const logicalType = (textProp(avro, 'logicalType') ?? '').toLowerCase()
    switch (avro.type) {
      case 'boolean':
      case 'float':
      case 'double':
      case 'string':
        return { type: avro.type, optional: false }
      case 'int':
        return integer(avro, logicalType)
      case 'long':
        return logicalType === 'timestamp-millis'
          ? { type: 'int64', optional: false, name: LOGICAL.timestamp, version: 1 }
          : { type: 'int64', optional: false }
      case 'bytes':
      case 'fixed':
        return bytes(avro, logicalType)
      case 'array':
        return this.#array(avro)
      case 'map':
        return {
          type: 'map',
          optional: false,
          keySchema: { type: 'string', optional: false },
          valueSchema: this.#schema(avro.items!, { isOptional: false }),
        }
      case 'record':
        return this.#record(avro)
      case 'enum':
        return this.#enum(avro)
      case 'union':
        return this.#union(avro)
      case 'null':
        throw unsupported('Standalone null schemas are not supported by this converter')
    }
  }

  #array({ items }: AvroSchema): Draft {
    if (!isMapEntry(items!)) {
      return { type: 'array', optional: false, valueSchema: this.#schema(items!, { isOptional: false }) }
    }
    const [key, value] = items!.fields!
    if (items!.fields!.length !== 2 || key?.name !== 'key' || value?.name !== 'value') {
      throw unsupported(
        'Found map encoded as array of key-value pairs, but array elements do not match the expected format.',
      )
    }
    return {
      type: 'map',
      optional: false,
      keySchema: this.#schema(key.schema, { isOptional: false }),
      valueSchema: this.#schema(value.schema, { isOptional: false }),
    }
  }

  #record(avro: AvroSchema): Draft {
    const fields: Field[] = []
    const draft: Draft = { type: 'struct', optional: false, fields }
    this.#open.set(avro, draft)
    const keepsDocs = !this.#mapping.discardTypeDocDefault && this.#mapping.metaData
    if (keepsDocs && avro.doc !== undefined) setParameter(draft, PARAMETER.recordDoc, avro.doc)
    for (const field of avro.fields!) {
      if (keepsDocs && field.doc !== undefined)
        setParameter(draft, PARAMETER.fieldDoc + field.name, field.doc)
      fields.push({ name: field.name, schema: this.#field(field) })
    }
    return draft
  }

  #field(field: AvroField): Schema {
    const schema = this.#schema(field.schema, {
      isOptional: false,
      fieldDefault: field.default,
      fieldDoc: field.doc,
    })
    const parameters = field.props.get(PROP.parameters)
    if (!this.#mapping.metaData || !(parameters instanceof Map)) return schema
    return { ...schema, parameters: { ...schema.parameters, ...textEntries(parameters) } }
  }

  #enum(avro: AvroSchema): Draft {
    const { metaData, discardTypeDocDefault, generalizedSumTypes } = this.#mapping
    const draft: Draft = { type: 'string', optional: false }
    if (metaData && avro.doc !== undefined) {
      setParameter(draft, discardTypeDocDefault ? PROP.enumDoc : PARAMETER.enumDoc + avro.name, avro.doc)
    }
    if (metaData && !discardTypeDocDefault && avro.enumDefault !== undefined) {
      setParameter(draft, PARAMETER.enumDefault + avro.name, avro.enumDefault)
    }
    const parameter = generalizedSumTypes ? PARAMETER.generalizedEnum : PARAMETER.enum
    setParameter(draft, parameter, fullName(avro))
    for (const [index, symbol] of avro.symbols!.entries()) {
      setParameter(draft, `${parameter}.${symbol}`, generalizedSumTypes ? String(index) : symbol)
    }
    return draft
  }

  #union({ branches }: AvroSchema): Draft {
    const { generalizedSumTypes } = this.#mapping
    const name = generalizedSumTypes ? `connect_union_${this.#unions++}` : UNION
    const draft: Draft = { type: 'struct', optional: false, name }
    if (generalizedSumTypes) setParameter(draft, PARAMETER.generalizedUnion, name)
    draft.optional = branches!.some(({ type }) => type === 'null')
    draft.fields = branches!.flatMap((branch, index) =>
      branch.type === 'null'
        ? []
        : [
            {
              name: branchField(branch, index, this.#mapping),
              schema: this.#schema(branch, { isOptional: true }),
            },
          ],
    )
    if (new Set(draft.fields.map((field) => field.name)).size < draft.fields.length) {
      throw unsupported(
        'Multiple union schemas map to the Connect union field name: set enhanced.avro.schema.support=true',
      )
    }
    return draft
  }

  /** Documentation, version, parameters, default and name, in this order as the reference. */
  #describe(draft: Draft, avro: AvroSchema, { fieldDefault, fieldDoc, version = null }: Circumstances): void {
    const { metaData, discardTypeDocDefault } = this.#mapping
    const { props } = avro
    const connectDoc = textProp(avro, PROP.doc)
    const doc = discardTypeDocDefault
      ? (fieldDoc ?? avro.doc ?? connectDoc)
      : metaData
        ? connectDoc
        : undefined
    if (doc !== undefined) draft.doc = doc
    if (discardTypeDocDefault && metaData && avro.doc !== undefined) {
      setParameter(draft, PROP.recordDoc, avro.doc)
    }
    const connectVersion = props.get(PROP.version)
    const known = connectVersion === undefined ? version : Number(connectVersion)
    if (known !== null && draft.version === undefined) draft.version = known
    const parameters = props.get(PROP.parameters)
    if (metaData && parameters instanceof Map) {
      for (const [name, value] of Object.entries(textEntries(parameters))) setParameter(draft, name, value)
    }
    for (const [name, value] of props) {
      if (name.startsWith('avro') && typeof value === 'string') setParameter(draft, name, value)
    }
    const connectDefault = props.get(PROP.default)
    if (fieldDefault !== undefined && !discardTypeDocDefault && metaData && connectDefault === undefined) {
      setParameter(draft, PARAMETER.fieldDefault, 'true')
    }
    const json = fieldDefault ?? connectDefault ?? null
    const fallback = json === null ? null : defaultValue(draft, avro, json)
    if (fallback !== null) draft.default = fallback
    const name = connectName(avro, draft)
    if (name !== undefined && !name.startsWith(`${NAMESPACE}.${DEFAULT_NAME}`)) draft.name ??= name
  }
}

/** The same schema as one under way, whose parts are not all known yet. */
function sameAs(open: Draft, isOptional: boolean): Schema {
  return {
    type: open.type,
    optional: isOptional,
    get fields() {
      return open.fields!
    },
    get name() {
      return open.name!
    },
    get parameters() {
      return open.parameters!
    },
  }
}

function integer(avro: AvroSchema, logicalType: string): Draft {
  if (logicalType === 'date') return { type: 'int32', optional: false, name: LOGICAL.date, version: 1 }
  if (logicalType === 'time-millis') return { type: 'int32', optional: false, name: LOGICAL.time, version: 1 }
  const type = textProp(avro, PROP.type)
  if (type === undefined || logicalType !== '') return { type: 'int32', optional: false }
  if (type === 'int8' || type === 'int16') return { type, optional: false }
  throw unsupported(`Connect type annotation for Avro int field is unknown: ${type}`)
}

function bytes(avro: AvroSchema, logicalType: string): Draft {
  const draft: Draft = { type: 'bytes', optional: false }
  if (logicalType === 'decimal') {
    draft.name = LOGICAL.decimal
    draft.version = 1
    setParameter(draft, 'scale', String(numberProp(avro, 'scale') ?? 0))
    const precision = numberProp(avro, 'precision')
    if (precision !== null && precision !== DEFAULT_PRECISION) {
      setParameter(draft, PARAMETER.precision, String(precision))
    }
  }
  if (avro.type === 'fixed') setParameter(draft, PARAMETER.fixedSize, String(avro.size))
  return draft
}

/** Whether records stand for the entries of a map. */
export function isMapEntry(avro: AvroSchema): boolean {
  if (avro.type !== 'record') return false
  return fullName(avro) === `${NAMESPACE}.${MAP_ENTRY}` || avro.props.get(PROP.internalType) === MAP_ENTRY
}

function connectName(avro: AvroSchema, draft: Draft): string | undefined {
  const given = textProp(avro, PROP.name)
  if (given !== undefined) return given
  const isNamedAfter = avro.type === 'record' || avro.type === 'enum'
  const isOwn = isNamedAfter || (avro.type === 'fixed' && draft.name !== LOGICAL.decimal)
  return isOwn ? fullName(avro) : undefined
}

function textProp({ props }: AvroSchema, name: string): string | undefined {
  const value = props.get(name)
  return typeof value === 'string' ? value : undefined
}

function numberProp({ props }: AvroSchema, name: string): number | null {
  const value = props.get(name)
  return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : null
}

function textEntries(map: ReadonlyMap<unknown, unknown>): Record<string, string> {
  return Object.fromEntries([...map].map(([name, value]) => [String(name), String(value)]))
}

function setParameter(draft: Draft, name: string, value: string): void {
  draft.parameters = { ...draft.parameters, [name]: value }
}

/** A default in the schema's JSON as a Connect value; null where it does not fit, which the reference overlooks too. */
function defaultValue(schema: Schema, avro: AvroSchema, json: ConnectValue): ConnectValue {
  if (json === null) return null
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      if (typeof json !== 'bigint') return null
      if (schema.name === LOGICAL.date) return new Date(Number(json) * MS_PER_DAY)
      if (schema.name === LOGICAL.time || schema.name === LOGICAL.timestamp) return new Date(Number(json))
      return schema.type === 'int64' ? json : Number(json)
    case 'float':
    case 'double': {
      if (typeof json !== 'number' && typeof json !== 'bigint' && typeof json !== 'string') return null
      return schema.type === 'float' ? Math.fround(Number(json)) : Number(json)
    }
    case 'bytes': {
      if (typeof json !== 'string') return null
      const raw = Buffer.from(json, 'latin1')
      if (schema.name !== LOGICAL.decimal) return raw
      return new Decimal(unscaledFromBytes(raw), Number(schema.parameters?.['scale'] ?? 0))
    }
    case 'array':
      if (!Array.isArray(json)) return null
      return (json as readonly ConnectValue[]).map((item) =>
        defaultValue(schema.valueSchema!, avro.items!, item),
      )
    case 'map':
      return json instanceof Map ? mapDefault(schema, avro, json) : null
    case 'struct':
      return structDefault(schema, avro, json)
    case 'boolean':
    case 'string':
      return typeof json === schema.type ? json : null
  }
}

function mapDefault(schema: Schema, avro: AvroSchema, json: ReadonlyMap<unknown, unknown>): ConnectValue {
  return new Map(
    [...(json as ReadonlyMap<string, ConnectValue>)].map(([key, value]) => [
      key,
      defaultValue(schema.valueSchema!, avro.items!, value),
    ]),
  )
}

function structDefault(schema: Schema, avro: AvroSchema, json: ConnectValue): ConnectValue {
  if (avro.type === 'union') {
    const first = avro.branches![0]!
    const values = schema.fields!.map((field, index) =>
      index === 0 ? defaultValue(field.schema, first, json) : null,
    )
    return first.type === 'null' ? null : new ValueStruct(schema, values)
  }
  if (!(json instanceof Map)) return null
  const given = json as ReadonlyMap<string, ConnectValue>
  return new ValueStruct(
    schema,
    schema.fields!.map(({ name, schema: field }, index) => {
      const { schema: type } = avro.fields![index]!
      const branch = type.branches?.find((member) => member.type !== 'null') ?? type
      return defaultValue(field, branch, given.get(name) ?? null)
    }),
  )
}

function unsupported(message: string): DataError {
  return new DataError('registry.schema-unsupported', message)
}
