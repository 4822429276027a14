import { ConfigDef, validators, type OptionDefinitions } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { fieldIndex, type Schema } from '../../api/schema.ts'
import { isStruct, type Struct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { isEnvelope } from '../../api/envelope-schema.ts'
import { javaHash } from './java-hash.ts'
import { murmurIntegerHash, murmurTextHash } from './murmur-hash.ts'
import { valueRequired } from '../option-validators.ts'

const configDef = new ConfigDef({
  'partition.payload.fields': {
    type: 'LIST',
    missingProblem: valueRequired('partition.payload.fields'),
    group: 'partitions',
    importance: 'HIGH',
    displayName: 'List of payload fields to use for compute partition.',
    documentation:
      'Fields whose values choose the partition: source.table, after.name; change.name is the row after the change, or before a delete.',
  },
  'partition.topic.num': {
    type: 'INT',
    validator: validators.atLeast(1),
    missingProblem: valueRequired('partition.topic.num'),
    group: 'partitions',
    importance: 'HIGH',
    displayName: 'Number of partition configured for topic',
    documentation: 'How many partitions the topics have.',
  },
  'partition.hash.function': {
    type: 'STRING',
    default: 'java',
    group: 'partitions',
    importance: 'LOW',
    displayName: 'Hash function',
    documentation: 'How values are hashed: java, murmur. Anything else is taken for java.',
  },
} as const satisfies OptionDefinitions)

/** Chooses the partition of a change by values of the change, in place of its key. Other records pass as they are. */
export const partitionRouting: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.partitions.PartitionRouting',
  version: '3.7.0.Final',
  configDef,
  create: (config): Transformation => {
    const options = configDef.parse(config)
    const { 'partition.payload.fields': fields, 'partition.topic.num': partitions } = options
    const isMurmur = options['partition.hash.function'].trim().toLowerCase() === 'murmur'
    const hash = isMurmur ? murmurHash : javaHash
    const paths = fields.map((field) => field.split('.').map((part) => part.trim()))
    if (paths.length === 0 || paths.some((path) => path.includes(''))) {
      throw new ConfigError('connect.config-invalid', 'partition.payload.fields has an empty element')
    }
    return {
      apply: (record) => routed(record, paths, { partitions, hash }),
      // A template has no values to choose by.
      compile: (template) => (isEnvelope(template.value?.schema ?? null) ? null : template),
    }
  },
}

function routed<R extends ConnectRecord>(
  record: R,
  paths: readonly (readonly string[])[],
  { partitions, hash }: { readonly partitions: number; readonly hash: ValueHash },
): R {
  const { value } = record
  if (!isStruct(value) || !isEnvelope(record.valueSchema)) return record
  const op = value.get('op')
  if (op === 't' || op === 'm') return record
  const hashes = paths.flatMap((path) => {
    const found = valueAt(value, path, op === 'd' ? 'before' : 'after')
    return found === null ? [] : [hash(found.value, found.schema)]
  })
  if (hashes.length === 0) return record
  const sum = hashes.reduce((total, hash) => (total + hash) | 0, 0) & 0x7fffffff
  return { ...record, partition: (sum === 0x7fffffff ? 0 : sum) % partitions }
}

type ValueHash = (value: ConnectValue, schema: Schema) => number

const murmurHash: ValueHash = (value, schema) =>
  typeof value === 'string' ? murmurTextHash(value) : murmurIntegerHash(javaHash(value, schema))

/** Null: the field is not there, or has no value. */
function valueAt(
  envelope: Struct,
  path: readonly string[],
  row: 'before' | 'after',
): { readonly value: ConnectValue; readonly schema: Schema } | null {
  let struct = envelope
  for (const [i, part] of path.entries()) {
    const index = fieldIndex(struct.schema, part === 'change' && i === 0 ? row : part)
    if (index < 0) return null
    const value = struct.at(index)
    if (value === null) return null
    if (i === path.length - 1) return { value, schema: struct.schema.fields![index]!.schema }
    if (!isStruct(value)) return null
    struct = value
  }
  return null
}
