import { ConfigDef, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { ConfigError, DataError } from '../../api/errors.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { fieldIndex, optional, type Field, type Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { fieldValue } from '../null-as-default.ts'
import { distinctValues, requiredOneOfIgnoringCase, valueRequired } from '../option-validators.ts'
import { PerSchema, schemaBasics, structOf } from '../rebuilt-schema.ts'
import { requireStruct } from '../requirements.ts'

const options = {
  headers: {
    type: 'LIST',
    missingProblem: valueRequired('headers'),
    importance: 'HIGH',
    displayName: 'Header names list',
    documentation: 'The headers whose values become fields.',
    validator: distinctValues('headers'),
  },
  fields: {
    type: 'LIST',
    missingProblem: valueRequired('fields'),
    importance: 'HIGH',
    displayName: 'Field names list',
    documentation: 'The names of the fields, one for each of headers; a.b is the field b of the struct a.',
    validator: distinctValues('fields'),
  },
  operation: {
    type: 'STRING',
    missingProblem: valueRequired('operation'),
    importance: 'HIGH',
    displayName: 'Operation: mover or copy',
    documentation: 'move: the headers are taken away. copy: they stay.',
    validator: requiredOneOfIgnoringCase('move', 'copy'),
  },
} as const satisfies OptionDefinitions

/** A header's value, and what is left of the way to where it goes. */
interface Entry {
  readonly path: readonly string[]
  readonly schema: Schema
  readonly value: ConnectValue
}

/** Debezium's fields of headers. */
class HeaderToValue implements Transformation {
  readonly #paths: ReadonlyMap<string, readonly string[]>
  readonly #moves: boolean
  /** By the entries: not every record has all headers. */
  readonly #schemas = new PerSchema(() => new Map<string, Schema>())

  constructor({ headers, fields, operation }: ParsedConfig<typeof options>) {
    if (headers.length !== fields.length) {
      throw new ConfigError(
        'connect.config-invalid',
        `'fields' config must have the same number of elements as 'headers' config.`,
      )
    }
    this.#paths = new Map(headers.map((name, i) => [name, fields[i]!.split('.')]))
    this.#moves = operation.toLowerCase() === 'move'
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (record.value === null) return record
    const struct = requireStruct(record.valueSchema, record.value, 'Header field insertion')
    const entries = record.headers.flatMap(({ name, schema, value }) => {
      const path = this.#paths.get(name)
      if (path === undefined) return []
      if (schema !== null) return [{ path, schema, value }]
      throw new DataError('connect.data-invalid', `fieldSchema for field ${path.join('.')} cannot be null.`)
    })
    if (entries.length === 0) return record
    const valueSchema = this.#schema(struct.schema, entries)
    const headers = this.#moves ? record.headers.filter(({ name }) => !this.#paths.has(name)) : record.headers
    return { ...record, headers, valueSchema, value: extended(valueSchema, struct, entries) }
  }

  #schema(schema: Schema, entries: readonly Entry[]): Schema {
    const kept = this.#schemas.get(schema)
    const key = entries
      .map(({ path, schema }) => `${path.join('.')}:${schema.type}:${schema.name}:${schema.optional}`)
      .join()
    let made = kept.get(key)
    if (made === undefined) kept.set(key, (made = extendedSchema(schema, entries)))
    return made
  }
}

/** The schema with the fields of the entries that it does not have yet. */
function extendedSchema(schema: Schema, entries: readonly Entry[]): Schema {
  const inner = byFirstStep(entries)
  const fields: Field[] = schema.fields!.map(({ name, schema: own }) => {
    const below = inner.get(name)
    if (below === undefined) return { name, schema: own }
    if (own.type === 'struct') return { name, schema: extendedSchema(own, below) }
    throw new DataError(
      'connect.data-invalid',
      `Field '${name}' is a primitive type, not a struct. Cannot add nested field '${name}.${below[0]!.path.join('.')}'.`,
    )
  })
  const isThere = (name: string): boolean => fields.some((field) => field.name === name)
  for (const { path, schema } of entries) {
    if (path.length > 1) continue
    const own = fields.find((field) => field.name === path[0])
    if (own === undefined) fields.push({ name: path[0]!, schema })
    else if (own.schema.type !== schema.type) {
      throw new DataError(
        'connect.data-invalid',
        `Field '${own.name}' is of type ${own.schema.type}, and the header that is to go there of type ${schema.type}`,
      )
    }
  }
  for (const [name, below] of inner) {
    if (!isThere(name)) fields.push({ name, schema: optional(extendedSchema(structOf([]), below)) })
  }
  return structOf(fields, schemaBasics(schema))
}

/** The struct, null where there is none yet, with the entries in their places. Of several for one place the last holds. */
function extended(schema: Schema, struct: Struct | null, entries: readonly Entry[]): ValueStruct {
  const inner = byFirstStep(entries)
  const values = schema.fields!.map(({ name, schema: fieldSchema }) => {
    const own = entries.findLast(({ path }) => path.length === 1 && path[0] === name)
    if (own !== undefined) return own.value
    const index = struct === null ? -1 : fieldIndex(struct.schema, name)
    const value = index < 0 ? null : fieldValue(struct!, index, true)
    const below = inner.get(name)
    if (below === undefined) return value
    if (isStruct(value)) return extended(fieldSchema, value, below)
    // A struct of the record that is null stays null; one that the entries make is there.
    return index < 0 ? extended(fieldSchema, null, below) : null
  })
  return new ValueStruct(schema, values)
}

/** The entries that go into structs, with what is left of their ways. */
function byFirstStep(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const inner = new Map<string, Entry[]>()
  for (const entry of entries) {
    if (entry.path.length === 1) continue
    const [first, ...path] = entry.path
    let below = inner.get(first!)
    if (below === undefined) inner.set(first!, (below = []))
    below.push({ ...entry, path })
  }
  return inner
}

const configDef = new ConfigDef(options)

export const headerToValue: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.HeaderToValue',
  version: '3.7.0.Final',
  configDef,
  create: (config) => new HeaderToValue(configDef.parse(config)),
}
