import { ConfigDef, validators, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { ConfigError, DataError } from '../../api/errors.ts'
import type { SchemaAndValue, Transformation } from '../../api/plugin.ts'
import type { ConnectRecord, Header } from '../../api/record.ts'
import { fieldIndex, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import { perSide, type Side } from './key-or-value.ts'
import { fieldValue, replaceNullWithDefaultOption } from '../null-as-default.ts'
import { nonEmptyList } from '../option-validators.ts'
import { PerSchema, schemaBasics, structOf } from '../rebuilt-schema.ts'
import { requireMap, requireStruct } from '../requirements.ts'

const options = {
  fields: {
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'The fields whose values become headers.',
    validator: nonEmptyList,
  },
  headers: {
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'The names of the headers, one for each of fields.',
    validator: nonEmptyList,
  },
  operation: {
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'move: the fields are taken out of the key or value. copy: they stay.',
    validator: validators.oneOf('move', 'copy'),
  },
  'replace.null.with.default': replaceNullWithDefaultOption,
} as const satisfies OptionDefinitions

/** The fields that stay when others move, and where they were. */
interface Rest {
  readonly schema: Schema
  readonly sources: readonly number[]
}

class HeaderFrom implements Transformation {
  readonly #side: Side
  readonly #fields: readonly string[]
  readonly #headers: readonly string[]
  readonly #moves: boolean
  readonly #purpose: string
  readonly #replacesNull: boolean
  readonly #rests = new PerSchema((schema) => this.#rest(schema))

  constructor(config: ParsedConfig<typeof options>, side: Side) {
    this.#side = side
    this.#fields = config.fields
    this.#headers = config.headers
    this.#moves = config.operation === 'move'
    this.#purpose = `header ${config.operation}`
    this.#replacesNull = config['replace.null.with.default']
    if (this.#fields.length !== this.#headers.length) {
      throw new ConfigError(
        'connect.config-invalid',
        `'fields' config must have the same number of elements as 'headers' config.`,
      )
    }
  }

  apply<R extends ConnectRecord>(record: R): R {
    const side = this.#side.get(record)
    const added: Header[] = []
    const rest =
      side.schema === null ? this.#fromMap(side, added) : this.#fromStruct(side, side.schema, added)
    return this.#side.set({ ...record, headers: [...record.headers, ...added] }, rest)
  }

  #fromMap({ value }: SchemaAndValue, added: Header[]): SchemaAndValue {
    const map = requireMap(value, this.#purpose)
    const rest = new Map(map)
    for (const [i, field] of this.#fields.entries()) {
      added.push({ name: this.#headers[i]!, schema: null, value: map.get(field) ?? null })
      if (this.#moves) rest.delete(field)
    }
    return { schema: null, value: rest }
  }

  #fromStruct(side: SchemaAndValue, schema: Schema, added: Header[]): SchemaAndValue {
    const struct = requireStruct(schema, side.value, this.#purpose)
    for (const [i, field] of this.#fields.entries()) {
      const index = fieldIndex(schema, field)
      if (index < 0) throw new DataError('connect.data-invalid', `Field does not exist: ${field}`)
      const value = fieldValue(struct, index, this.#replacesNull)
      added.push({ name: this.#headers[i]!, schema: schema.fields![index]!.schema, value })
    }
    if (!this.#moves) return side
    const rest = this.#rests.get(schema)
    const values = rest.sources.map((index) => fieldValue(struct, index, this.#replacesNull))
    return { schema: rest.schema, value: new ValueStruct(rest.schema, values) }
  }

  #rest(schema: Schema): Rest {
    const sources = schema.fields!.flatMap(({ name }, i) => (this.#fields.includes(name) ? [] : [i]))
    const fields = sources.map((index) => schema.fields![index]!)
    return { schema: structOf(fields, schemaBasics(schema)), sources }
  }
}

const configDef = new ConfigDef(options)

/** Makes headers of fields, which stay or go. */
export const headerFrom = perSide({
  className: 'org.apache.kafka.connect.transforms.HeaderFrom',
  version: '4.3.1',
  configDef,
  create: (config, side) => new HeaderFrom(configDef.parse(config), side),
})
