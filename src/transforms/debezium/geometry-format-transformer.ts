import { ConfigDef, type OptionDefinitions, type OptionValue } from '../../api/config-def.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { RecordTemplate } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { fieldValue } from '../null-as-default.ts'
import { isGeometry, withWkb } from './geometry-struct.ts'
import { hasSrid, withoutSrid, withSrid } from './wkb-format.ts'

const FORMATS: readonly string[] = ['wkb', 'ewkb']

const options = {
  format: {
    type: 'STRING',
    default: 'wkb',
    importance: 'LOW',
    width: 'MEDIUM',
    displayName: 'Target Format',
    documentation:
      'What becomes of geometries in WKB: wkb makes EWKB of those that have an SRID, ewkb leaves them. EWKB becomes WKB with either.',
    validator: Object.assign(
      (value: NonNullable<OptionValue>) =>
        FORMATS.includes(String(value).trim().toLowerCase())
          ? null
          : `Invalid value ${String(value)} for configuration format: The 'format' value is invalid: Value must be one of ewkb, wkb`,
      { wholeMessage: true },
    ),
  },
} as const satisfies OptionDefinitions

/** Debezium's change of geometries between WKB and EWKB, which holds the SRID too. Only the bytes change. */
class GeometryFormatTransformer implements Transformation {
  readonly #extends: boolean

  constructor(format: string) {
    this.#extends = format.trim().toLowerCase() !== 'ewkb'
  }

  apply<R extends ConnectRecord>(record: R): R {
    const { value } = record
    return isStruct(value) ? { ...record, value: this.#struct(value) } : record
  }

  /** Only what has neither geometries nor defaults stays as it is. */
  compile(template: RecordTemplate): RecordTemplate | null {
    const { value } = template
    return value?.kind !== 'struct' || value.schema.fields!.every(({ schema }) => isLeftAlone(schema))
      ? template
      : null
  }

  #struct(struct: Struct): Struct {
    const values = struct.schema.fields!.map(({ schema }, i): ConnectValue => {
      const value = fieldValue(struct, i, true)
      if (!isStruct(value)) return value
      return isGeometry(schema) ? this.#geometry(value) : this.#struct(value)
    })
    return new ValueStruct(struct.schema, values)
  }

  #geometry(struct: Struct): Struct {
    return withWkb(struct, (wkb, srid) => {
      if (hasSrid(wkb)) return withoutSrid(wkb)
      // EWKB has no form for an SRID that is missing.
      return this.#extends && srid !== null ? withSrid(wkb, srid) : null
    })
  }
}

function isLeftAlone(schema: Schema): boolean {
  const { default: fallback, fields = [] } = schema
  return !isGeometry(schema) && fallback === undefined && fields.every((field) => isLeftAlone(field.schema))
}

const configDef = new ConfigDef(options)

export const geometryFormatTransformer: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.GeometryFormatTransformer',
  version: '3.7.0.Final',
  configDef,
  create: (config) => new GeometryFormatTransformer(configDef.parse(config).format),
}
