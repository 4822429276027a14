import type { Schema } from '../../../api/schema.ts'

const NAMESPACE = 'io.confluent.connect.protobuf'

/** Parameters of Connect schemas that keep what only Protobuf knows. */
export const PARAMETER = {
  tag: `${NAMESPACE}.Tag`,
  type: `${NAMESPACE}.Type`,
  enum: `${NAMESPACE}.Enum`,
  wrapper: `${NAMESPACE}.Wrapper`,
  generalizedEnum: 'org.apache.kafka.connect.data.Enum',
  generalizedUnion: 'org.apache.kafka.connect.data.Union',
  precision: 'connect.decimal.precision',
  scale: 'scale',
} as const

/** Parameters in a field's options that keep what only Connect knows. */
export const META = { type: 'connect.type', precision: 'precision', scale: 'scale' } as const

export const UNION = `${NAMESPACE}.Union`
export const VARIANT = 'org.apache.kafka.connect.data.Variant'
export const DEFAULT_NAME = 'ConnectDefault'

export const DECIMAL_MESSAGE = 'confluent.type.Decimal'
export const DATE_MESSAGE = 'google.type.Date'
export const TIME_MESSAGE = 'google.type.TimeOfDay'
export const TIMESTAMP_MESSAGE = 'google.protobuf.Timestamp'
export const VARIANT_MESSAGE = 'confluent.type.Variant'

/** Whether a struct stands for a oneof, of which one field is set. */
export function isUnion(schema: Schema): boolean {
  return (
    schema.type === 'struct' &&
    (schema.name?.startsWith(UNION) === true || schema.parameters?.[PARAMETER.generalizedUnion] !== undefined)
  )
}

/** Whether an optional value was one of Google's wrapper messages before. */
export function wasWrapper({ parameters }: Schema): boolean {
  return parameters?.[PARAMETER.wrapper]?.toLowerCase() === 'true'
}

/** `a.b.C` is `C`. */
export function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
