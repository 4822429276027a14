import {
  ConfigDef,
  fieldIndex,
  isStruct,
  validators,
  ValueStruct,
  type ConnectRecord,
  type ConnectValue,
  type OptionDefinitions,
  type Plugin,
  type Struct,
  type Transformation,
  type TransformationPlugin,
} from 'tailrace/api'

// Every option in one place: validation, the answers of the REST API and the console's form come from it.
const options = {
  field: {
    type: 'STRING',
    validator: validators.nonEmpty(),
    importance: 'HIGH',
    documentation: 'The field of the value that is written in capitals.',
  },
} as const satisfies OptionDefinitions

const configDef = new ConfigDef(options)

/** Writes a field in capitals. Put what your transformation does in its place. */
export const exampleTransformation: TransformationPlugin = {
  type: 'transformation',
  className: 'ExampleTransformation',
  version: '0.1.0',
  configDef,
  create(config): Transformation {
    const { field } = configDef.parse(config)
    return {
      // Records are immutable: the answer is a new one, the same one, or null to drop it.
      apply: <R extends ConnectRecord>(record: R): R => ({ ...record, value: withCapitals(record.value, field) }),
    }
  },
}

/** Values with a schema are structs, those without one are maps. Anything else passes as it is. */
function withCapitals(value: ConnectValue, field: string): ConnectValue {
  if (isStruct(value)) return structWith(value, field)
  if (!(value instanceof Map) || !value.has(field)) return value
  return new Map(value).set(field, capitals(value.get(field)))
}

function structWith(struct: Struct, field: string): Struct {
  const { schema } = struct
  const changed = fieldIndex(schema, field)
  if (changed < 0) return struct
  const values = schema.fields!.map((_, index) => struct.at(index))
  values[changed] = capitals(values[changed])
  return new ValueStruct(schema, values)
}

function capitals(value: ConnectValue | undefined): ConnectValue {
  return typeof value === 'string' ? value.toUpperCase() : (value ?? null)
}

/** What the worker looks for. */
export const plugins: readonly Plugin[] = [exampleTransformation]
