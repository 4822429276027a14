import { ConfigDef } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { fieldIndex, structSchema, type Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { isEnvelope } from '../../api/envelope-schema.ts'
import { fieldValue } from '../null-as-default.ts'
import { requireStruct } from '../requirements.ts'

const NAME = 'io.debezium.connector.source'
const PARAMETER = '__debezium.source.column'
const VERSIONED = { version: 1 } as const
const TEXT: Schema = { type: 'string', optional: false }
const OPTIONAL_INT: Schema = { type: 'int32', optional: true }

const COLUMN = structSchema(
  [
    { name: 'name', schema: TEXT },
    { name: 'typeName', schema: TEXT },
    { name: 'length', schema: OPTIONAL_INT },
    { name: 'scale', schema: OPTIONAL_INT },
    { name: 'comment', schema: { ...TEXT, optional: true } },
  ],
  { name: `${NAME}.schema.Column`, ...VERSIONED },
)
const COLUMNS: Schema = { type: 'array', optional: false, valueSchema: COLUMN }
const TABLE = structSchema([{ name: 'columns', schema: COLUMNS }], {
  name: `${NAME}.schema.Table`,
  ...VERSIONED,
})
const SOURCE_SCHEMA = structSchema(
  [
    { name: 'id', schema: TEXT },
    { name: 'table', schema: TABLE },
  ],
  { name: `${NAME}.Schema`, ...VERSIONED },
)

interface Extended {
  readonly schema: Schema
  /** The table and its columns, as the envelope's schema has them. */
  readonly block: ValueStruct
}

/** Debezium's description of the table in each change: for sinks that make tables after it. */
class ExtractSchemaToNewRecord implements Transformation {
  readonly #extended = new WeakMap<Schema, Extended>()

  apply<R extends ConnectRecord>(record: R): R {
    const { value, valueSchema } = record
    if (value === null || !isEnvelope(valueSchema)) return record
    const envelope = requireStruct(valueSchema, value, 'Read change event')
    if (envelope.get('before') === null && envelope.get('after') === null) return record
    const { schema, block } = this.#extend(envelope)
    const values = envelope.schema.fields!.map((_field, index) => fieldValue(envelope, index, true))
    return { ...record, valueSchema: schema, value: new ValueStruct(schema, [...values, block]) }
  }

  #extend(envelope: Struct): Extended {
    const known = this.#extended.get(envelope.schema)
    if (known !== undefined) return known
    const source = envelope.get('source')
    const table = isStruct(source) ? source.get('table') : null
    const row = envelope.schema.fields![fieldIndex(envelope.schema, 'after')]!.schema
    const columns = row.fields!.map(({ schema }) => new ValueStruct(COLUMN, columnOf(schema)))
    const made: Extended = {
      schema: {
        ...envelope.schema,
        fields: [...envelope.schema.fields!, { name: 'sourceSchema', schema: SOURCE_SCHEMA }],
      },
      block: new ValueStruct(SOURCE_SCHEMA, [table, new ValueStruct(TABLE, [columns])]),
    }
    this.#extended.set(envelope.schema, made)
    return made
  }
}

function columnOf({ parameters }: Schema): readonly ConnectValue[] {
  const of = (name: string): string | null => parameters?.[`${PARAMETER}.${name}`] ?? null
  const [name, type] = [of('name'), of('type')]
  if (name === null || type === null) {
    throw new DataError(
      'connect.data-invalid',
      'Ensure that enable configurations "column.propagate.source.type" or "datatype.propagate.source.type" and the value is set to ".*"',
    )
  }
  const number = (text: string | null): number | null => (text === null ? null : Number(text))
  return [name, type, number(of('length')), number(of('scale')), of('comment')]
}

const configDef = new ConfigDef({})

export const extractSchemaToNewRecord: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.ExtractSchemaToNewRecord',
  version: '3.7.0.Final',
  configDef,
  create: () => new ExtractSchemaToNewRecord(),
}
