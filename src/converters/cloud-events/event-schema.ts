import { adjustSchemaName } from '../../api/adjust-name.ts'
import { DataError } from '../../api/errors.ts'
import { schemaTypeName } from '../../api/schema-type-name.ts'
import { primitiveSchema, structSchema, type Field, type Schema, type SchemaType } from '../../api/schema.ts'
import type { CloudEventsOptions } from './cloud-events-options.ts'

const STRING = primitiveSchema('string')
/** What comes before the attributes that an option adds. */
const REQUIRED = ['id', 'source', 'specversion', 'type', 'time', 'datacontenttype']
const TRANSACTION: readonly Field[] = [
  { name: 'id', schema: STRING },
  { name: 'total_order', schema: primitiveSchema('int64') },
  { name: 'data_collection_order', schema: primitiveSchema('int64') },
]
export const TRANSACTION_FIELDS = TRANSACTION.map(({ name }) => name)

/** The schema of events of one kind of record. @param data the schema of what they hold, as the event has it */
export function eventSchema(
  options: CloudEventsOptions,
  name: string,
  { source, data }: { readonly source: Schema; readonly data: Schema },
): Schema {
  const fields: Field[] = REQUIRED.map((attribute) => ({ name: attribute, schema: STRING }))
  if (options.dataSerializer === 'avro') fields.push({ name: 'dataschema', schema: STRING })
  if (options.hasTraceparent) fields.push({ name: 'traceparent', schema: STRING })
  if (options.hasExtensions) {
    fields.push({ name: extensionName('op'), schema: STRING })
    for (const field of source.fields!) {
      fields.push({ name: extensionName(field.name), schema: extensionSchema(field.schema) })
    }
    for (const field of TRANSACTION) {
      fields.push({
        name: extensionName(`tx${field.name}`),
        schema: { ...extensionSchema(field.schema), optional: true },
      })
    }
  }
  fields.push({ name: 'data', schema: data })
  return structSchema(fields, { name: adjustSchemaName(name, options.nameAdjustment) })
}

/** The rows of a change, or, where metadata came from headers, all of the record. */
export function dataSchema(record: Schema, name: string, isWhole: boolean): Schema {
  const fields = isWhole
    ? record.fields!
    : record.fields!.filter((field) => field.name === 'before' || field.name === 'after')
  return structSchema(
    fields.map((field) => ({ name: field.name, schema: field.schema })),
    { name },
  )
}

/** Attributes have neither `_` nor any other sign. */
function extensionName(name: string): string {
  return `iodebezium${name.replaceAll(/[^A-Za-z0-9]/g, '')}`
}

/** Attributes have no integers of 64 bits: those are texts. */
const EXTENSION_TYPES: Partial<Record<SchemaType, 'boolean' | 'int32' | 'string'>> = {
  boolean: 'boolean',
  int8: 'int32',
  int16: 'int32',
  int32: 'int32',
  int64: 'string',
  string: 'string',
}

function extensionSchema({ type, optional }: Schema): Schema {
  const extensionType = EXTENSION_TYPES[type]
  if (extensionType !== undefined) return primitiveSchema(extensionType, { optional })
  throw new DataError(
    'connect.data-invalid',
    `Source field of type ${schemaTypeName(type)} cannot be converted into CloudEvents extension attribute.`,
  )
}
