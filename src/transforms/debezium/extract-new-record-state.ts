import {
  ConfigDef,
  type OptionDefinitions,
  type OptionValue,
  type ParsedConfig,
} from '../../api/config-def.ts'
import { isEnvelope } from '../../api/envelope-schema.ts'
import { DataError } from '../../api/errors.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord, Header } from '../../api/record.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { HeaderTemplate, RecordTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { parseFieldReferences, type FieldReference, type ResolvedField } from './field-reference.ts'
import { dropListedFields } from './drop-listed-fields.ts'
import { nullAsDefault } from '../null-as-default.ts'
import { textColumn } from '../requirements.ts'
import { planUnwrap, type UnwrapPlan } from './unwrap-plan.ts'

const DELETE_MODES = [
  'drop',
  'tombstone',
  'rewrite',
  'rewrite-with-tombstone',
  'delete-to-tombstone',
] as const
type DeleteMode = (typeof DELETE_MODES)[number]

const options = {
  'delete.tombstone.handling.mode': {
    type: 'STRING',
    default: 'tombstone',
    importance: 'MEDIUM',
    width: 'MEDIUM',
    displayName: 'Handling of deletes and tombstones',
    documentation:
      'What becomes of a delete and of the tombstone after it. drop: both are dropped. tombstone: the delete becomes a ' +
      'null value that keeps its schema. rewrite: the old row with __deleted=true. rewrite-with-tombstone: the same, and ' +
      'the tombstone stays. delete-to-tombstone: the delete becomes a true tombstone.',
    validator: Object.assign(
      (value: NonNullable<OptionValue>) =>
        DELETE_MODES.includes(String(value).trim().toLowerCase() as DeleteMode)
          ? null
          : `Invalid value ${String(value)} for configuration delete.tombstone.handling.mode: Value must be one of ${DELETE_MODES.join(', ')}`,
      { wholeMessage: true },
    ),
  },
  'route.by.field': {
    type: 'STRING',
    default: '',
    importance: 'LOW',
    width: 'LONG',
    displayName: 'Column that names the topic',
    documentation: 'The column whose value becomes the topic of the record.',
  },
  'add.fields.prefix': {
    type: 'STRING',
    default: '__',
    importance: 'LOW',
    width: 'SHORT',
    displayName: 'Prefix of added fields',
    documentation: 'Put before the name of each field that add.fields adds.',
  },
  'add.fields': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    width: 'LONG',
    displayName: 'Fields to add',
    documentation:
      'Fields of the envelope to append to the row: op, ts_ms, source.lsn, transaction.id, each with :alias if wished.',
  },
  'add.headers.prefix': {
    type: 'STRING',
    default: '__',
    importance: 'LOW',
    width: 'SHORT',
    displayName: 'Prefix of added headers',
    documentation: 'Put before the name of each header that add.headers adds.',
  },
  'add.headers': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    width: 'LONG',
    displayName: 'Headers to add',
    documentation: 'Fields of the envelope to add as headers, written as in add.fields.',
  },
  'drop.fields.header.name': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    width: 'SHORT',
    displayName: 'Header that lists fields to drop',
    documentation: 'The header whose value is the list of columns to take out of the row.',
  },
  'drop.fields.from.key': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    width: 'SHORT',
    displayName: 'Drop fields from the key too',
    documentation: 'Whether the listed columns are also taken out of the key.',
  },
  'drop.fields.keep.schema.compatible': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    width: 'SHORT',
    displayName: 'Drop optional fields only',
    documentation: 'Whether columns that are NOT NULL stay even if they are listed.',
  },
  'replace.null.with.default': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    displayName: 'Replace nulls by defaults',
    documentation: 'Whether the rewrite modes write the default of a column in place of null.',
  },
} as const satisfies OptionDefinitions

/**
 * Debezium's `ExtractNewRecordState`: takes the row out of the change envelope. Works on records and, with the same
 * plan per envelope schema, on templates, where nothing of it is left to do for a row.
 */
class ExtractNewRecordState implements Transformation {
  readonly #deleteMode: DeleteMode
  readonly #routeByField: string | null
  readonly #fields: readonly FieldReference[]
  readonly #headers: readonly FieldReference[]
  readonly #config: ParsedConfig<typeof options>
  readonly #plans = new WeakMap<object, UnwrapPlan>()
  /** The reference adds a delete's headers to the tombstone after it as well, because the two share one list. */
  #headersOfDelete: readonly Header[] = []

  constructor(config: ParsedConfig<typeof options>) {
    this.#config = config
    this.#deleteMode = config['delete.tombstone.handling.mode'].trim().toLowerCase() as DeleteMode
    this.#routeByField = config['route.by.field'] || null
    this.#fields = parseFieldReferences(config['add.fields.prefix'], config['add.fields'])
    this.#headers = parseFieldReferences(config['add.headers.prefix'], config['add.headers'])
  }

  apply<R extends ConnectRecord>(record: R): R | null {
    if (record.value === null) return this.#tombstone(record)
    const plan = isStruct(record.value) ? this.#plan(record.valueSchema) : null
    if (plan === null) return record
    const envelope = record.value as Struct
    const added = plan.headers.map((header) => ({
      name: header.name,
      schema: header.schema,
      value: valueAt(envelope, header),
    }))
    const headers = added.length > 0 ? [...record.headers, ...added] : record.headers
    const after = envelope.at(plan.after) as Struct | null
    if (after !== null) {
      const unwrapped = this.#unwrap({ ...record, headers }, after, envelope, plan, 'false')
      return this.#dropListed(unwrapped)
    }
    const before = envelope.at(plan.before) as Struct | null
    // Neither row: a truncate.
    if (before === null) return null
    this.#headersOfDelete = added
    return this.#delete({ ...record, headers }, before, envelope, plan)
  }

  compile(template: RecordTemplate): RecordTemplate | 'dropped' | null {
    // Headers and columns that name fields or topics are known only with the row.
    if (this.#routeByField !== null || this.#config['drop.fields.header.name'] !== null) return null
    if (template.value === null) return this.#compileTombstone(template)
    const envelope = template.value
    const plan = this.#plan(envelope.schema)
    if (plan === null) return template
    if (envelope.kind !== 'struct') return null
    const headers = [...template.headers, ...plan.headers.map((header) => headerAt(envelope.fields, header))]
    const after = envelope.fields[plan.after]!
    const before = envelope.fields[plan.before]!
    if (after.kind === 'slot' || before.kind === 'slot') return null
    if (after.kind === 'struct') {
      return { ...template, headers, value: this.#compileRow(after.fields, envelope.fields, plan, 'false') }
    }
    if (before.kind !== 'struct') return 'dropped'
    // The tombstone after it wants to know its headers, and a template cannot tell it.
    if (this.#deleteMode === 'rewrite-with-tombstone' && plan.headers.length > 0) return null
    switch (this.#deleteMode) {
      case 'drop':
        return 'dropped'
      case 'tombstone':
        return { ...template, headers, value: { kind: 'constant', schema: plan.afterSchema, value: null } }
      case 'delete-to-tombstone':
        return { ...template, headers, value: null }
      case 'rewrite':
      case 'rewrite-with-tombstone':
        return { ...template, headers, value: this.#compileRow(before.fields, envelope.fields, plan, 'true') }
    }
  }

  #plan(schema: ConnectRecord['valueSchema']): UnwrapPlan | null {
    if (!isEnvelope(schema)) return null
    let plan = this.#plans.get(schema)
    if (plan === undefined) {
      const marksDeleted = this.#deleteMode === 'rewrite' || this.#deleteMode === 'rewrite-with-tombstone'
      plan = planUnwrap(schema, { fields: this.#fields, headers: this.#headers, marksDeleted })
      this.#plans.set(schema, plan)
    }
    return plan
  }

  #tombstone<R extends ConnectRecord>(record: R): R | null {
    if (this.#deleteMode !== 'rewrite-with-tombstone') return null
    const headers = [...record.headers, ...this.#headersOfDelete, ...this.#tombstoneHeaders()]
    return { ...record, headers }
  }

  #compileTombstone(template: RecordTemplate): RecordTemplate | 'dropped' | null {
    if (this.#deleteMode !== 'rewrite-with-tombstone') return 'dropped'
    // The headers of the delete before it are not in the tombstone's template.
    return this.#headers.length > 0 ? null : template
  }

  #tombstoneHeaders(): Header[] {
    return this.#headers
      .filter((header) => header.field === 'op')
      .map((header) => ({ name: header.name, schema: { type: 'string', optional: false }, value: 'd' }))
  }

  #delete<R extends ConnectRecord>(record: R, before: Struct, envelope: Struct, plan: UnwrapPlan): R | null {
    switch (this.#deleteMode) {
      case 'drop':
        return null
      case 'tombstone':
        return this.#route({ ...record, valueSchema: plan.afterSchema, value: null }, before)
      case 'delete-to-tombstone':
        return this.#route({ ...record, valueSchema: null, value: null }, before)
      case 'rewrite':
      case 'rewrite-with-tombstone':
        return this.#dropListed(this.#unwrap(record, before, envelope, plan, 'true'))
    }
  }

  #unwrap<R extends ConnectRecord>(
    record: R,
    row: Struct,
    envelope: Struct,
    plan: UnwrapPlan,
    deleted: 'true' | 'false',
  ): R {
    requireDistinctNames(plan)
    const replacesNulls = plan.marksDeleted && this.#config['replace.null.with.default']
    const values: ConnectValue[] = row.schema.fields!.map(({ schema }, index) => {
      const value = row.at(index)
      return value === null && replacesNulls ? (schema.default ?? null) : value
    })
    if (plan.marksDeleted) values.push(deleted)
    for (const field of plan.fields) values.push(valueAt(envelope, field))
    const value = new ValueStruct(plan.rowSchema, values)
    return this.#route({ ...record, valueSchema: plan.rowSchema, value }, row)
  }

  #compileRow(
    row: readonly Template[],
    envelope: readonly Template[],
    plan: UnwrapPlan,
    deleted: 'true' | 'false',
  ): Template {
    requireDistinctNames(plan)
    const replacesNulls = plan.marksDeleted && this.#config['replace.null.with.default']
    const fields = replacesNulls ? row.map(nullAsDefault) : [...row]
    if (plan.marksDeleted) {
      fields.push({ kind: 'constant', schema: { type: 'string', optional: true }, value: deleted })
    }
    for (const field of plan.fields) fields.push(templateAt(envelope, field))
    return { kind: 'struct', schema: plan.rowSchema, fields }
  }

  #route<R extends ConnectRecord>(record: R, row: Struct): R {
    if (this.#routeByField === null) return record
    const topic = textColumn(row, this.#routeByField)
    return topic !== null && topic.trim() !== '' ? { ...record, topic } : record
  }

  #dropListed<R extends ConnectRecord>(record: R): R {
    const header = this.#config['drop.fields.header.name']
    if (header === null) return record
    return dropListedFields(record, header, {
      fromKey: this.#config['drop.fields.from.key'],
      optionalOnly: this.#config['drop.fields.keep.schema.compatible'],
    })
  }
}

function requireDistinctNames({ nameTwice }: UnwrapPlan): void {
  if (nameTwice === null) return
  throw new DataError(
    'connect.data-invalid',
    `Cannot create field because of field name duplication ${nameTwice}`,
  )
}

function valueAt(envelope: Struct, { parent, index }: ResolvedField): ConnectValue {
  if (parent < 0) return envelope.at(index)
  const struct = envelope.at(parent) as Struct | null
  return struct === null ? null : struct.at(index)
}

function templateAt(envelope: readonly Template[], { parent, index, schema }: ResolvedField): Template {
  const holder = parent < 0 ? null : envelope[parent]!
  // A struct that is null in all these records, such as `transaction`, has only nulls to give.
  if (holder !== null && holder.kind !== 'struct') return { kind: 'constant', schema, value: null }
  const template = holder === null ? envelope[index]! : holder.fields[index]!
  return { ...template, schema: template.kind === 'struct' ? template.schema : schema }
}

function headerAt(envelope: readonly Template[], header: ResolvedField): HeaderTemplate {
  return { name: header.name, value: templateAt(envelope, header) }
}

export const extractNewRecordState: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.ExtractNewRecordState',
  version: '3.7.0.Final',
  configDef: new ConfigDef(options),
  create: (config) => new ExtractNewRecordState(new ConfigDef(options).parse(config)),
}
