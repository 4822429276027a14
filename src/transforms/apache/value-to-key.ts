import { ConfigDef, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { fieldIndex, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { RecordTemplate } from '../../api/template.ts'
import { distinctValues } from '../option-validators.ts'
import { fieldValue, nullAsDefault, replaceNullWithDefaultOption } from '../null-as-default.ts'
import { PerSchema, structOf } from '../rebuilt-schema.ts'
import { requireMap, requireStruct } from '../requirements.ts'

const PURPOSE = 'copying fields from value to key'

const options = {
  fields: {
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'The fields of the value that make up the key, in this order.',
    validator: distinctValues('fields'),
  },
  'replace.null.with.default': replaceNullWithDefaultOption,
} as const satisfies OptionDefinitions

interface Plan {
  readonly schema: Schema
  readonly sources: readonly number[]
}

class ValueToKey implements Transformation {
  readonly #fields: readonly string[]
  readonly #replacesNull: boolean
  readonly #plans = new PerSchema((schema) => this.#plan(schema))

  constructor(config: ParsedConfig<typeof options>) {
    this.#fields = config.fields
    this.#replacesNull = config['replace.null.with.default']
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (record.valueSchema === null) {
      const map = requireMap(record.value, PURPOSE)
      const key = new Map(this.#fields.map((name) => [name, map.get(name) ?? null]))
      return { ...record, keySchema: null, key }
    }
    const struct = requireStruct(record.valueSchema, record.value, PURPOSE)
    const plan = this.#plans.get(struct.schema)
    const values = plan.sources.map((index) => fieldValue(struct, index, this.#replacesNull))
    return { ...record, keySchema: plan.schema, key: new ValueStruct(plan.schema, values) }
  }

  compile(record: RecordTemplate): RecordTemplate | null {
    const { value } = record
    if (value?.kind !== 'struct') return null
    // Records fail one by one where a field is missing.
    if (this.#fields.some((name) => fieldIndex(value.schema, name) < 0)) return null
    const { schema, sources } = this.#plans.get(value.schema)
    const fields = sources.map((index) => value.fields[index]!)
    return {
      ...record,
      key: { kind: 'struct', schema, fields: this.#replacesNull ? fields.map(nullAsDefault) : fields },
    }
  }

  #plan(schema: Schema): Plan {
    const sources = this.#fields.map((name) => {
      const index = fieldIndex(schema, name)
      if (index < 0) throw new DataError('connect.data-invalid', `Field does not exist: ${name}`)
      return index
    })
    return { schema: structOf(sources.map((index) => schema.fields![index]!)), sources }
  }
}

const configDef = new ConfigDef(options)

/** Makes the key of fields of the value. */
export const valueToKey: TransformationPlugin = {
  type: 'transformation',
  className: 'org.apache.kafka.connect.transforms.ValueToKey',
  version: '4.3.1',
  configDef,
  create: (config) => new ValueToKey(configDef.parse(config)),
}
