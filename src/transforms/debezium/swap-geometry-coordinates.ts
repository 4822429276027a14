import { ConfigDef } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { RecordTemplate } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { fieldValue } from '../null-as-default.ts'
import { isGeometry, withWkb } from './geometry-struct.ts'
import { swapWkb } from './swap-wkb.ts'

const DEFAULT_SRIDS = '4326,3857,4269'

const configDef = new ConfigDef({
  srids: {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    width: 'MEDIUM',
    displayName: 'Geometry SRIDs',
    documentation: `The spatial reference systems whose geometries are swapped, by their numbers; without it ${DEFAULT_SRIDS}.`,
  },
})

/** Debezium's swap of x and y in geometries, for systems that want latitude and longitude in the other order. */
class SwapGeometryCoordinates implements Transformation {
  readonly #srids: ReadonlySet<number>

  constructor(list: string) {
    const srids = list === '' ? [] : list.split(',').map((srid) => srid.trim())
    const wrong = srids.find((srid) => !/^[+-]?\d+$/.test(srid))
    if (wrong !== undefined) {
      throw new ConfigError('connect.config-invalid', `srids must be a list of numbers, "${wrong}" is none.`)
    }
    this.#srids = new Set(srids.map(Number))
  }

  apply<R extends ConnectRecord>(record: R): R {
    const { value } = record
    return isStruct(value) ? { ...record, value: this.#struct(value) } : record
  }

  /** Only what has neither geometries nor defaults stays as it is. */
  compile(template: RecordTemplate): RecordTemplate | null {
    return template.value === null || isLeftAlone(template.value.schema) ? template : null
  }

  #struct(struct: Struct): ValueStruct {
    const values = struct.schema.fields!.map(({ schema }, i) =>
      this.#value(schema, fieldValue(struct, i, true)),
    )
    return new ValueStruct(struct.schema, values)
  }

  #value(schema: Schema, value: ConnectValue): ConnectValue {
    if (isStruct(value)) return isGeometry(schema) ? this.#geometry(value) : this.#struct(value)
    if (Array.isArray(value)) {
      return (value as readonly ConnectValue[]).map((element) => this.#value(schema.valueSchema!, element))
    }
    if (!(value instanceof Map)) return value
    const entries = [...(value as ReadonlyMap<ConnectValue, ConnectValue>)]
    return new Map(entries.map(([key, each]) => [key, this.#value(schema.valueSchema!, each)]))
  }

  /** Without an SRID nothing is known of the order. */
  #geometry(struct: Struct): Struct {
    return withWkb(struct, (wkb, srid) => (srid !== null && this.#srids.has(srid) ? swapWkb(wkb) : null))
  }
}

function isLeftAlone(schema: Schema): boolean {
  if (isGeometry(schema) || schema.default !== undefined) return false
  const { fields = [], keySchema, valueSchema } = schema
  return (
    fields.every((field) => isLeftAlone(field.schema)) &&
    (keySchema === undefined || isLeftAlone(keySchema)) &&
    (valueSchema === undefined || isLeftAlone(valueSchema))
  )
}

export const swapGeometryCoordinates: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.SwapGeometryCoordinates',
  version: '3.7.0.Final',
  configDef,
  create: (config) => new SwapGeometryCoordinates(configDef.parse(config).srids ?? DEFAULT_SRIDS),
}
