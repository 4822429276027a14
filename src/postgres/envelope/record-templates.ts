import type { Schema } from '../../api/schema.ts'
import type {
  ConstantTemplate,
  HeaderTemplate,
  RecordTemplate,
  SlotTemplate,
  StructTemplate,
  Template,
} from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { Relation } from '../catalog/relation.ts'
import type { ColumnCodec } from '../types/column-codec.ts'
import type { EnvelopeOptions } from './envelope-options.ts'
import { SOURCE_SCHEMA, TRANSACTION_SCHEMA, type RelationSchemas } from './relation-schemas.ts'
import { POSITION_FIELDS, type PositionField, type Slot } from './slots.ts'

/** The version that `source.version` names: that of the connector whose records these are. */
export const CONNECTOR_VERSION = '3.7.0.Final'

/** Where in the change a row of the envelope comes from. */
export interface ChangeShape {
  readonly op: 'r' | 'c' | 'u' | 'd' | 't'
  readonly before: boolean
  readonly after: boolean
}

/** The templates of a relation's records. */
export class RecordTemplates {
  readonly #schemas: RelationSchemas
  readonly #headers: readonly HeaderTemplate[]
  readonly #source: StructTemplate
  readonly #hasTransaction: boolean

  constructor(
    relation: Relation,
    schemas: RelationSchemas,
    context: { readonly options: EnvelopeOptions; readonly headers: readonly HeaderTemplate[] },
  ) {
    this.#schemas = schemas
    this.#headers = context.headers
    this.#hasTransaction = context.options.provideTransactionMetadata
    this.#source = sourceTemplate({
      version: CONNECTOR_VERSION,
      connector: 'postgresql',
      name: context.options.topicPrefix,
      db: context.options.database,
      schema: relation.schema,
      table: relation.table,
    })
  }

  /** A change, in the envelope. */
  change({ op, before, after }: ChangeShape): RecordTemplate {
    const { envelope, row, rowCodecs } = this.#schemas
    const timestamps = (['ts_ms', 'ts_us', 'ts_ns'] as const).map((field) =>
      positionTemplate(field, fieldSchema(envelope, field)),
    )
    const fields: Template[] = [
      before ? rowTemplate(row, rowCodecs, 'old') : constant(row, null),
      after ? rowTemplate(row, rowCodecs, 'new') : constant(row, null),
      this.#source,
      op !== 'r' && this.#hasTransaction ? TRANSACTION_TEMPLATE : constant(TRANSACTION_SCHEMA, null),
      constant(fieldSchema(envelope, 'op'), op),
      ...timestamps,
    ]
    return {
      topic: this.#schemas.topic,
      key: op === 't' ? null : this.key(after ? 'new' : 'old'),
      value: { kind: 'struct', schema: envelope, fields },
      headers: this.#headers,
    }
  }

  /** What follows a delete. */
  tombstone(): RecordTemplate {
    return { topic: this.#schemas.topic, key: this.key('old'), value: null, headers: this.#headers }
  }

  key(side: 'new' | 'old'): Template | null {
    const { key, keyCodecs, keyConstant } = this.#schemas
    if (key === null) return null
    const template = rowTemplate(key, keyCodecs, side)
    return keyConstant === null ? template : { ...template, fields: [...template.fields, keyConstant] }
  }
}

function rowTemplate(schema: Schema, codecs: readonly ColumnCodec[], side: 'new' | 'old'): StructTemplate {
  return {
    kind: 'struct',
    schema,
    fields: codecs.map((codec, index) =>
      slot(schema.fields![index]!.schema, { kind: 'column', side, codec }),
    ),
  }
}

/** The source block: constants of the relation, slots of the position, and the fields that are always null. */
function sourceTemplate(constants: Readonly<Record<string, string>>): StructTemplate {
  const fields = SOURCE_SCHEMA.fields!.map(({ name, schema }): Template => {
    const field = `source.${name}` as PositionField
    return POSITION_FIELDS.includes(field)
      ? positionTemplate(field, schema)
      : constant(schema, constants[name] ?? null)
  })
  return { kind: 'struct', schema: SOURCE_SCHEMA, fields }
}

/** Which transaction a change belongs to, and its place there. */
const TRANSACTION_TEMPLATE: StructTemplate = {
  kind: 'struct',
  schema: TRANSACTION_SCHEMA,
  fields: TRANSACTION_SCHEMA.fields!.map(({ name, schema }) =>
    positionTemplate(`transaction.${name}` as PositionField, schema),
  ),
}

function positionTemplate(field: PositionField, schema: Schema): SlotTemplate {
  return slot(schema, { kind: 'position', field })
}

function slot(schema: Schema, slot: Slot): SlotTemplate {
  return { kind: 'slot', schema, slot }
}

function constant(schema: Schema, value: ConnectValue): ConstantTemplate {
  return { kind: 'constant', schema, value }
}

function fieldSchema(schema: Schema, name: string): Schema {
  return schema.fields!.find((field) => field.name === name)!.schema
}
