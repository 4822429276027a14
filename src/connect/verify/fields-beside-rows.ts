import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import { listOf } from '../config/list-of.ts'

/** What these make of a record is told by its row alone, whenever and why it was written. */
const OF_ROWS = new Set(
  'ExtractField ValueToKey MaskField Cast Flatten RegexRouter ByLogicalTableRouter TimestampConverter TimezoneConverter SetSchemaMetadata Filter DropHeaders InsertHeader'.split(
    ' ',
  ),
)
const UNWRAP = 'ExtractNewRecordState'
/** Of `InsertField`: what differs between the snapshot and the changes of a row. */
const OF_RECORDS = ['offset.field', 'partition.field', 'timestamp.field']

/**
 * The fields of documents that tell of the change that wrote them and not of its row (`__op`, `__ts_ms`): they are left
 * out of the comparison. Throws `ConfigError` where a document cannot be told from a row.
 */
export function fieldsBesideRows(source: ConnectorConfig, sink: ConnectorConfig): readonly string[] {
  const steps = [...stepsOf(source, 'source'), ...stepsOf(sink, 'sink')]
  const unwrap = steps.find(({ type }) => type === UNWRAP)
  if (unwrap === undefined) {
    throw unsupported(
      'The values are envelopes of changes, which are no rows: take mode=mirror, or the transformation ExtractNewRecordState',
    )
  }
  let fields: readonly string[] = []
  for (const { name, type, where, option } of steps) {
    if (type === UNWRAP) fields = [...fields, ...addedFields(option)]
    else if (type === 'InsertField') {
      const given = OF_RECORDS.map((field) => option(field) ?? '').filter((field) => field !== '')
      fields = [...fields, ...given.map((field) => field.replace(/[!?]$/, ''))]
    } else if (type === 'ReplaceField') {
      const renames = new Map(listOf(option('renames')).map((entry) => entry.split(':') as [string, string]))
      fields = fields.map((field) => renames.get(field) ?? field)
    } else if (!OF_ROWS.has(type)) {
      throw unsupported(
        `The transformation ${name} (${type}) of the ${where} may make documents of more than their rows`,
      )
    }
  }
  requireDeletes(unwrap.option, source, sink)
  return fields
}

interface Step {
  readonly name: string
  /** Without its package, and without `$Key` or `$Value`. */
  readonly type: string
  readonly where: 'source' | 'sink'
  readonly option: (name: string) => string | undefined
}

function stepsOf(config: ConnectorConfig, where: Step['where']): readonly Step[] {
  return listOf(config['transforms']).map((name) => ({
    name,
    type: (config[`transforms.${name}.type`] ?? '').replace(/^.*\./, '').replace(/\$.*/, ''),
    where,
    option: (option) => config[`transforms.${name}.${option}`]?.trim() ?? undefined,
  }))
}

function addedFields(option: Step['option']): readonly string[] {
  const prefix = option('add.fields.prefix') ?? '__'
  return listOf(option('add.fields')).map((entry) => {
    const [path = '', alias] = entry.split(':')
    return prefix + (alias ?? path.replace('.', '_'))
  })
}

/** Where nothing deletes documents, those of deleted rows would be called extra ones. */
function requireDeletes(option: Step['option'], source: ConnectorConfig, sink: ConnectorConfig): void {
  const remain = (why: string): ConfigError =>
    unsupported(`${why}, so documents of deleted rows stay, and nothing tells them from wrong ones`)
  if ((sink['behavior.on.null.values'] ?? 'fail').toLowerCase() !== 'delete') {
    throw remain('The sink does not have behavior.on.null.values=delete')
  }
  const mode = (option('delete.tombstone.handling.mode') ?? 'tombstone').toLowerCase()
  if (mode === 'drop' || mode === 'rewrite')
    throw remain(`${UNWRAP} has delete.tombstone.handling.mode=${mode}`)
  const hasTombstones = (source['tombstones.on.delete'] ?? 'true').trim().toLowerCase() !== 'false'
  if (!hasTombstones && mode !== 'delete-to-tombstone')
    throw remain('The source has tombstones.on.delete=false')
}

function unsupported(problem: string): ConfigError {
  return new ConfigError(
    'connect.verify-unsupported',
    `${problem}: verify compares rows with documents that are made of rows alone.`,
  )
}
