import { ConfigDef } from '../../api/config-def.ts'
import { numberText } from '../../api/java/java-text.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import { fieldValue } from '../null-as-default.ts'
import { PerSchema } from '../rebuilt-schema.ts'
import { requireStruct } from '../requirements.ts'

const DENSE: readonly string[] = ['io.debezium.data.DoubleVector', 'io.debezium.data.FloatVector']
const SPARSE = 'io.debezium.data.SparseDoubleVector'
const JSON_TEXT: Schema = { type: 'string', optional: false, name: 'io.debezium.data.Json', version: 1 }

const schemas = new PerSchema(withJson)

/** Debezium's text in place of vectors, for sinks that know none, wherever they are in a record's value. */
export const vectorToJsonConverter: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.VectorToJsonConverter',
  version: '3.7.0.Final',
  configDef: new ConfigDef({}),
  create: (): Transformation => ({
    apply: converted,
    compile: (template) => {
      const schema = template.value?.schema ?? null
      return schema === null || (schema.type === 'struct' && schemas.get(schema) === schema) ? template : null
    },
  }),
}

function converted<R extends ConnectRecord>(record: R): R {
  if (record.value === null) return record
  const struct = requireStruct(record.valueSchema, record.value, 'Value should be a struct')
  const valueSchema = schemas.get(struct.schema)
  if (valueSchema === struct.schema) return record
  return { ...record, valueSchema, value: convertedStruct(struct, valueSchema) }
}

/** The schema itself where there is no vector in it. */
function withJson(schema: Schema): Schema {
  const fields = schema.fields!.map((field) => {
    const changed = withoutVectors(field.schema)
    return changed === field.schema ? field : { ...field, schema: changed }
  })
  return fields.every((field, i) => field === schema.fields![i]) ? schema : { ...schema, fields }
}

function withoutVectors(schema: Schema): Schema {
  if (isVector(schema)) return { ...JSON_TEXT, optional: schema.optional }
  return schema.type === 'struct' ? schemas.get(schema) : schema
}

function isVector({ name = '' }: Schema): boolean {
  return name === SPARSE || DENSE.includes(name)
}

function convertedStruct(struct: Struct, to: Schema): ValueStruct {
  const values = struct.schema.fields!.map(({ schema }, i): ConnectValue => {
    const value = fieldValue(struct, i, true)
    const target = to.fields![i]!.schema
    if (value === null || target === schema) return value
    if (isVector(schema)) return isStruct(value) ? sparseText(value) : denseText(schema, value)
    return convertedStruct(value as Struct, target)
  })
  return new ValueStruct(to, values)
}

function denseText({ valueSchema }: Schema, value: ConnectValue): string {
  const numbers = (value as readonly number[]).map((number) => numberText(valueSchema!, number))
  return `{ "values": [${numbers.join(', ')}] }`
}

function sparseText(vector: Struct): string {
  const entries = [...(vector.get('vector') as ReadonlyMap<number, number>)].sort(([a], [b]) => a - b)
  const pairs = entries.map(([at, number]) => `"${at}": ${numberText(null, number)}`)
  return `{ "dimensions": ${Number(vector.get('dimensions'))}, "vector": { ${pairs.join(', ')} } }`
}
