import type { ConfigDef, ConnectorConfig } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import type { SchemaAndValue, Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { RecordTemplate, StructTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'

/** What a transformation does to the key or to the value, whichever it is configured for. */
export interface SideTransformation {
  /** Throws `DataError`. */
  apply(side: SchemaAndValue, record: ConnectRecord): SchemaAndValue
  /**
   * The same for a struct whose leaves are not known yet, null where that cannot be said. Constants go through `apply`.
   * A `DataError` means that the records are to fail one by one.
   */
  compile?(struct: StructTemplate, record: RecordTemplate): Template | null
  /** For transformations that do not look into the value: any template. */
  compileAny?(template: Template): Template | null
}

interface PluginFor<T> {
  /** Without `$Key` or `$Value`. */
  readonly className: string
  readonly version: string
  readonly configDef: ConfigDef
  readonly create: T
}

export interface KeyAndValue {
  readonly key: TransformationPlugin
  readonly value: TransformationPlugin
}

/** The two plugins that the reference makes of such a transformation: `ExtractField$Key` and `ExtractField$Value`. */
export function keyAndValue({
  create,
  ...plugin
}: PluginFor<(config: ConnectorConfig) => SideTransformation>): KeyAndValue {
  return perSide({ ...plugin, create: (config, side) => new OneSide(create(config), side) })
}

/** The same of one that does more than to change its side. */
export function perSide({
  className,
  create,
  ...plugin
}: PluginFor<(config: ConnectorConfig, side: Side) => Transformation>): KeyAndValue {
  const make = (suffix: string, side: Side): TransformationPlugin => ({
    ...plugin,
    type: 'transformation',
    className: `${className}$${suffix}`,
    create: (config) => create(config, side),
  })
  return { key: make('Key', KEY), value: make('Value', VALUE) }
}

export interface Side {
  get(record: ConnectRecord): SchemaAndValue
  set<R extends ConnectRecord>(record: R, side: SchemaAndValue): R
  template(record: RecordTemplate): Template | null
  setTemplate(record: RecordTemplate, template: Template): RecordTemplate
}

const KEY: Side = {
  get: ({ keySchema, key }) => ({ schema: keySchema, value: key }),
  set: (record, { schema, value }) => ({ ...record, keySchema: schema, key: value }),
  template: (record) => record.key,
  setTemplate: (record, key) => ({ ...record, key }),
}

const VALUE: Side = {
  get: ({ valueSchema, value }) => ({ schema: valueSchema, value }),
  set: (record, { schema, value }) => ({ ...record, valueSchema: schema, value }),
  template: (record) => record.value,
  setTemplate: (record, value) => ({ ...record, value }),
}

/** A transformation of one side, as the runtime wants it: of records and of templates. */
class OneSide implements Transformation {
  readonly #transformation: SideTransformation
  readonly #side: Side

  constructor(transformation: SideTransformation, side: Side) {
    this.#transformation = transformation
    this.#side = side
  }

  apply<R extends ConnectRecord>(record: R): R {
    const before = this.#side.get(record)
    const after = this.#transformation.apply(before, record)
    return after === before ? record : this.#side.set(record, after)
  }

  compile(record: RecordTemplate): RecordTemplate | null {
    const before = this.#side.template(record)
    try {
      if (before === null) {
        const absent = { schema: null, value: null }
        return this.#transformation.apply(absent, recordOf(record)) === absent ? record : null
      }
      const after = this.#compileTemplate(before, record)
      return after && this.#side.setTemplate(record, after)
    } catch (error) {
      if (error instanceof DataError) return null
      throw error
    }
  }

  #compileTemplate(template: Template, record: RecordTemplate): Template | null {
    const transformation = this.#transformation
    if (transformation.compileAny !== undefined) return transformation.compileAny(template)
    switch (template.kind) {
      case 'slot':
        return null
      case 'struct':
        return transformation.compile?.(template, record) ?? null
      case 'constant': {
        // Of the record only what its template tells may be looked at.
        if (transformation.compile === undefined) return null
        const { schema, value } = transformation.apply(template, recordOf(record))
        return schema && templateOf(schema, value)
      }
    }
  }
}

/** A known value as a template: structs as such, so that the next transformation can look into them. */
export function templateOf(schema: Schema, value: ConnectValue): Template {
  if (!isStruct(value)) return { kind: 'constant', schema, value }
  return {
    kind: 'struct',
    schema,
    fields: schema.fields!.map((field, index) => templateOf(field.schema, value.at(index))),
  }
}

/** What transformations with `compile` may look at beside their side: the topic. */
function recordOf({ topic }: RecordTemplate): ConnectRecord {
  return {
    topic,
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestamp: null,
    headers: [],
  }
}
