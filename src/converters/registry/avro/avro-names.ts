import type { Schema } from '../../../api/schema.ts'
import { scrubbedName } from '../scrubbed-name.ts'
import { fullName, isNamed, type AvroSchema } from './avro-schema.ts'
import type { AvroMapping } from './avro-options.ts'

export const NAMESPACE = 'io.confluent.connect.avro'
export const DEFAULT_NAME = 'ConnectDefault'
export const MAP_ENTRY = 'MapEntry'

/** The attributes that keep what only Connect knows. */
export const PROP = {
  name: 'connect.name',
  doc: 'connect.doc',
  recordDoc: 'connect.record.doc',
  enumDoc: 'connect.enum.doc',
  version: 'connect.version',
  default: 'connect.default',
  parameters: 'connect.parameters',
  internalType: 'connect.internal.type',
  type: 'connect.type',
} as const

/** Parameters of Connect schemas that keep what only Avro knows. */
export const PARAMETER = {
  recordDoc: `${NAMESPACE}.record.doc`,
  enumDoc: `${NAMESPACE}.enum.doc.`,
  enumDefault: `${NAMESPACE}.enum.default.`,
  fieldDoc: `${NAMESPACE}.field.doc.`,
  fieldDefault: `${NAMESPACE}.field.default`,
  enum: `${NAMESPACE}.Enum`,
  generalizedEnum: 'org.apache.kafka.connect.data.Enum',
  generalizedUnion: 'org.apache.kafka.connect.data.Union',
  fixedSize: 'connect.fixed.size',
  precision: 'connect.decimal.precision',
} as const

/** The name of structs that stand for a union, of which one field is set. */
export const UNION = `${NAMESPACE}.Union`
export const DEFAULT_PRECISION = 64

const GENERALIZED_FIELD = 'connect_union_field_'

export function isUnion(schema: Schema): boolean {
  return schema.name === UNION || schema.parameters?.[PARAMETER.generalizedUnion] !== undefined
}

export function isFixed({ type, name, parameters }: Schema): boolean {
  return type === 'bytes' && name !== undefined && parameters?.[PARAMETER.fixedSize] !== undefined
}

/** The field of a union's struct that stands for one of its branches. */
export function branchField(branch: AvroSchema, index: number, mapping: AvroMapping): string {
  if (mapping.generalizedSumTypes) return GENERALIZED_FIELD + index
  if (!isNamed(branch)) return branch.type
  return mapping.enhanced ? fullName(branch) : branch.name!
}

/** `a.b.C` as namespace and name, scrubbed where that is asked for. */
export function splitName(name: string, mapping: AvroMapping): { namespace: string; name: string } {
  // As Java splits: empty parts at the end do not count.
  const parts = name
    .replace(/\.+$/, '')
    .split('.')
    .map((part) => scrubbed(part, mapping))
  return { namespace: parts.slice(0, -1).join('.'), name: parts.at(-1)! }
}

/** A name that Avro allows. */
export function scrubbed(name: string, { scrubNames }: AvroMapping): string {
  return scrubNames ? scrubbedName(name, /^[A-Za-z_]/) : name
}
