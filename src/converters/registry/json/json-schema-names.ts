import type { Schema } from '../../../api/schema.ts'

const NAMESPACE = 'io.confluent.connect.json'

/** Attributes of a JSON schema that keep what only Connect knows. */
export const PROP = {
  type: 'connect.type',
  version: 'connect.version',
  parameters: 'connect.parameters',
  index: 'connect.index',
} as const

/** Connect's names of types, as the attributes have them. */
export const TYPE_PROPS = {
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  float: 'float32',
  double: 'float64',
} as const

export const ENUM = `${NAMESPACE}.Enum`
export const ONE_OF = `${NAMESPACE}.OneOf`
export const GENERALIZED_ENUM = 'org.apache.kafka.connect.data.Enum'
export const GENERALIZED_UNION = 'org.apache.kafka.connect.data.Union'
/** Stands for null among the symbols of an enum. */
export const NULL_MARKER = '<NULL>'

/** Parameters with this in front are the converter's own, and are not written down. */
export const OWN_PREFIX = NAMESPACE

/** Whether a struct stands for one of several schemas, of which one field is set. */
export function isOneOf(schema: Schema): boolean {
  return (
    schema.type === 'struct' &&
    (schema.name === ONE_OF || schema.parameters?.[GENERALIZED_UNION] !== undefined)
  )
}

/** Maps with such keys are objects; others are lists of objects with `key` and `value`. */
export function isObjectMap({ keySchema }: Schema): boolean {
  return keySchema!.type === 'string' && !keySchema!.optional
}
