import { ConfigDef, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { valueRequired } from '../option-validators.ts'
import { ConfigError } from '../../api/errors.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { fieldIndex, type Field } from '../../api/schema.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { RecordTemplate } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { isEnvelope } from '../../api/envelope-schema.ts'
import { fieldValue } from '../null-as-default.ts'
import { requireStruct } from '../requirements.ts'
import { TimezoneRules } from './timezone-rules.ts'
import { ZoneOffset } from './zone-offset.ts'
import { moveTimestampText, moveTimeText } from './zoned-text.ts'

/** How many of the unit of a type of numbers are a second. */
const PER_SECOND: Readonly<Record<string, bigint>> = {
  'io.debezium.time.Timestamp': 1000n,
  'io.debezium.time.MicroTimestamp': 1_000_000n,
  'io.debezium.time.NanoTimestamp': 1_000_000_000n,
}
const SOURCE_TIMES: Readonly<Record<string, bigint>> = {
  ts_ms: 1000n,
  ts_us: 1_000_000n,
  ts_ns: 1_000_000_000n,
}

const list = (what: string) =>
  ({
    type: 'LIST',
    default: null,
    importance: 'HIGH',
    width: 'MEDIUM',
    documentation: `Which records and fields to ${what}: source:table, source:table:field, topic:name, topic:name:field, or name:field for either.`,
  }) as const

const configDef = new ConfigDef({
  'converted.timezone': {
    type: 'STRING',
    missingProblem: valueRequired('converted.timezone'),
    importance: 'HIGH',
    width: 'MEDIUM',
    displayName: 'Converted Timezone',
    documentation:
      'The time zone to convert to: a name such as America/Los_Angeles, or an offset such as +08:00.',
  },
  'include.list': { ...list('convert'), displayName: 'Include List' },
  'exclude.list': { ...list('leave alone'), displayName: 'Exclude List' },
} as const satisfies OptionDefinitions)

/** Says of a field of the rows, or of the source block, whether it is to be converted. */
type Selects = (holder: 'before' | 'after' | 'source', field: string) => boolean

/** Debezium's conversion of times in change envelopes to another time zone. */
class TimezoneConverter implements Transformation {
  readonly #zone: ZoneOffset
  readonly #include: TimezoneRules | null
  readonly #exclude: TimezoneRules | null

  constructor(config: ParsedConfig<(typeof configDef)['options']>) {
    const include = config['include.list'] ?? []
    const exclude = config['exclude.list'] ?? []
    this.#include = include.length > 0 ? new TimezoneRules('include', include) : null
    this.#exclude = exclude.length > 0 ? new TimezoneRules('exclude', exclude) : null
    this.#zone = zoneOf(config['converted.timezone'])
    if (this.#include !== null && this.#exclude !== null) {
      throw new ConfigError(
        'connect.config-invalid',
        'Both include and exclude lists are specified. Please specify only one.',
      )
    }
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (record.value === null || !isEnvelope(record.valueSchema)) return record
    const envelope = requireStruct(record.valueSchema, record.value, 'Converting time zones')
    const selects = this.#selection(record.topic, tableOf(envelope))
    if (selects === null) return record
    const values = envelope.schema.fields!.map(({ name }, index) => {
      const value = envelope.at(index)
      const isHolder = name === 'before' || name === 'after' || name === 'source'
      return isHolder && isStruct(value) ? this.#converted(value, name, selects) : value
    })
    return { ...record, value: new ValueStruct(envelope.schema, values) }
  }

  /** What is no change passes; the times of others are known only with the row. */
  compile(record: RecordTemplate): RecordTemplate | null {
    const { value } = record
    const isAbsent = value === null || (value.kind === 'constant' && value.value === null)
    return isAbsent || !isEnvelope(value.schema) ? record : null
  }

  /** Null: nothing of such records. */
  #selection(topic: string, table: string | null): Selects | null {
    const rows: Selects = (holder) => holder !== 'source'
    if (this.#include === null && this.#exclude === null) return rows
    const named = (this.#include ?? this.#exclude)!.fieldsOf(topic, table)
    if (named === null) return this.#include === null ? rows : null
    if (named.size === 0) return this.#include === null ? null : rows
    const isNamed: Selects = (holder, field) =>
      named.has(`${holder}.${field}`) || (holder !== 'source' && named.has(field))
    if (this.#include !== null) return isNamed
    const namesSource = [...named].some((field) => field.startsWith('source.'))
    return (holder, field) => (holder !== 'source' || namesSource) && !isNamed(holder, field)
  }

  #converted(struct: Struct, holder: 'before' | 'after' | 'source', selects: Selects): ValueStruct {
    const values = struct.schema.fields!.map((field, index) => {
      if (!selects(holder, field.name)) return struct.at(index)
      const value = fieldValue(struct, index, true)
      return value === null ? null : this.#moved(field, value, holder === 'source')
    })
    return new ValueStruct(struct.schema, values)
  }

  #moved({ name, schema }: Field, value: NonNullable<ConnectValue>, isSource: boolean): ConnectValue {
    if (value instanceof Date && schema.name === LOGICAL.timestamp) {
      return new Date(value.getTime() - this.#zone.atLocal(value.getTime()) * 1000)
    }
    if (typeof value === 'bigint') {
      const perSecond = PER_SECOND[schema.name ?? '']
      if (perSecond !== undefined) {
        return value - BigInt(this.#zone.atLocal(milliseconds(value, perSecond))) * perSecond
      }
      const sourcePerSecond = isSource && schema.name === undefined ? SOURCE_TIMES[name] : undefined
      if (sourcePerSecond === undefined) return value
      return value + BigInt(this.#zone.at(milliseconds(value, sourcePerSecond))) * sourcePerSecond
    }
    if (typeof value !== 'string') return value
    if (schema.name === 'io.debezium.time.ZonedTimestamp') {
      return moveTimestampText(value, (localMs) => this.#zone.atLocal(localMs))
    }
    // A time has no day, so today's offset holds.
    return schema.name === 'io.debezium.time.ZonedTime'
      ? moveTimeText(value, this.#zone.at(Date.now()))
      : value
  }
}

function zoneOf(name: string): ZoneOffset {
  try {
    return new ZoneOffset(name)
  } catch (error) {
    throw new ConfigError(
      'connect.config-invalid',
      'Invalid timezone format. Please specify either a geographic timezone (e.g. America/Los_Angeles) or a UTC offset in the format of +/-hh:mm, (e.g. +08:00).',
      { cause: error },
    )
  }
}

function tableOf(envelope: Struct): string | null {
  const index = fieldIndex(envelope.schema, 'source')
  const source = index < 0 ? null : envelope.at(index)
  if (!isStruct(source)) return null
  const table = fieldIndex(source.schema, 'table')
  return table < 0 ? null : (source.at(table) as string | null)
}

function milliseconds(value: bigint, perSecond: bigint): number {
  return Number((value * 1000n) / perSecond)
}

export const timezoneConverter: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.TimezoneConverter',
  version: '3.7.0.Final',
  configDef,
  create: (config) => new TimezoneConverter(configDef.parse(config)),
}
