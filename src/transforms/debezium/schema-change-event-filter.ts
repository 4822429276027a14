import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { fieldIndex } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { valueRequired } from '../option-validators.ts'
import { requireStruct } from '../requirements.ts'

const TYPES: readonly string[] = ['CREATE', 'ALTER', 'DROP', 'TRUNCATE', 'DATABASE']

const configDef = new ConfigDef({
  'schema.change.event.exclude.list': {
    type: 'STRING',
    missingProblem: valueRequired('schema.change.event.exclude.list'),
    validator: (value) => {
      const unknown = typesOf(String(value)).find((type) => !TYPES.includes(type))
      return unknown === undefined ? null : `${unknown} is none of ${TYPES.join(', ')}`
    },
    importance: 'HIGH',
    width: 'SHORT',
    displayName: 'Schema changes to leave out',
    documentation:
      'Which changes of tables are left out, separated by commas: CREATE, ALTER, DROP, TRUNCATE, DATABASE. PostgreSQL tells none: it matters for topics that other connectors write.',
  },
} as const satisfies OptionDefinitions)

function typesOf(list: string): readonly string[] {
  return list.split(',').map((type) => type.trim())
}

/** Debezium's filter of records about changed tables. All other records pass. */
export const schemaChangeEventFilter: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.SchemaChangeEventFilter',
  version: '3.7.0.Final',
  configDef,
  create: (config): Transformation => {
    const excluded = new Set(typesOf(configDef.parse(config)['schema.change.event.exclude.list']))
    return {
      apply: (record) => (isExcluded(record, excluded) ? null : record),
      compile: (template) => (isSchemaChange(template.value?.schema?.name) ? null : template),
    }
  },
}

function isSchemaChange(name: string | undefined): boolean {
  return name?.endsWith('.SchemaChangeValue') === true || name?.endsWith('.SchemaChangeKey') === true
}

function isExcluded({ value, valueSchema }: ConnectRecord, excluded: ReadonlySet<string>): boolean {
  if (value === null || !isSchemaChange(valueSchema?.name)) return false
  const change = requireStruct(valueSchema, value, 'Read schema change event to filter')
  const at = fieldIndex(change.schema, 'tableChanges')
  const tables = at < 0 ? null : change.at(at)
  if (!Array.isArray(tables)) return true
  // Without a table it is the database that has changed.
  const first = (tables as readonly ConnectValue[])[0] ?? null
  const type = isStruct(first) ? first.get('type') : 'DATABASE'
  return typeof type === 'string' && excluded.has(type)
}
