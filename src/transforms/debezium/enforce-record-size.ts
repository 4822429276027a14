import { ConfigDef, type OptionDefinitions, type OptionValidator } from '../../api/config-def.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'
import { fieldIndex, type Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { RecordTemplate } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { estimatedSize } from './estimated-size.ts'
import { fieldValue } from '../null-as-default.ts'

const options = {
  'max.bytes': {
    type: 'INT',
    importance: 'HIGH',
    documentation:
      'The most that a record may have. In larger ones the text and bytes columns over min.field.size are cut, each by its share.',
    validator: above(0, 'Must be a positive integer'),
  },
  'compression.ratio': {
    type: 'DOUBLE',
    default: 1,
    importance: 'MEDIUM',
    documentation:
      'What the estimated size is multiplied by before it is compared: 0.5 where records are compressed to half of it.',
    validator: above(0, 'Must be a positive number'),
  },
  'min.field.size': {
    type: 'INT',
    default: 25_000,
    importance: 'MEDIUM',
    documentation: 'Columns of this size or less are left alone.',
    validator: above(-1, 'Must be non-negative'),
  },
} as const satisfies OptionDefinitions

const ROWS: readonly string[] = ['before', 'after']

/** Debezium's cut of large columns, for changes that would be too large for a topic. */
class EnforceRecordSize implements Transformation {
  readonly #maxBytes: number
  readonly #ratio: number
  readonly #minFieldSize: number

  constructor(config: { readonly maxBytes: number; readonly ratio: number; readonly minFieldSize: number }) {
    this.#maxBytes = config.maxBytes
    this.#ratio = config.ratio
    this.#minFieldSize = config.minFieldSize
  }

  apply<R extends ConnectRecord>(record: R): R {
    const { value } = record
    // What a sink reads has been in a topic: it is not too large for one.
    if (!isStruct(value) || 'origin' in record) return record
    const excess = Math.ceil(estimatedSize(record) * this.#ratio) - this.#maxBytes
    if (excess <= 0) return record
    const rows = new Map(ROWS.map((name) => [name, this.#cuttable(rowOf(value, name))]))
    const total = [...rows.values()].flat().reduce((sum, { size }) => sum + size, 0)
    if (total === 0) return record
    const values = value.schema.fields!.map(({ name }, i) => {
      const columns = rows.get(name) ?? []
      const row = value.at(i)
      return columns.length === 0 || !isStruct(row) ? row : cut(row, columns, { excess, total })
    })
    return { ...record, value: new ValueStruct(value.schema, values) }
  }

  /** Only rows without text and bytes are known to stay. */
  compile(template: RecordTemplate): RecordTemplate | null {
    const { value } = template
    if (value === null || value.kind !== 'struct') return template
    const rows = value.schema.fields!.filter(({ name }) => ROWS.includes(name))
    const columns = rows.flatMap(({ schema }) => schema.fields ?? [])
    return columns.some(({ schema }) => isText(schema)) ? null : template
  }

  #cuttable(row: Struct | null): readonly Column[] {
    return (row?.schema.fields ?? []).flatMap(({ schema }, index) => {
      const value = isText(schema) ? fieldValue(row!, index, true) : null
      const isLarge =
        (typeof value === 'string' || value instanceof Uint8Array) && value.length > this.#minFieldSize
      return isLarge ? [{ index, value, size: value.length }] : []
    })
  }
}

/** A column that may be cut; texts in UTF-16 units. */
interface Column {
  readonly index: number
  readonly value: string | Uint8Array
  readonly size: number
}

function isText({ type }: Schema): boolean {
  return type === 'string' || type === 'bytes'
}

function rowOf(envelope: Struct, name: string): Struct | null {
  const index = fieldIndex(envelope.schema, name)
  const row = index < 0 ? null : envelope.at(index)
  return isStruct(row) ? row : null
}

/** Each row loses its share of what is too much, and each column its share of that. */
function cut(
  row: Struct,
  columns: readonly Column[],
  { excess, total }: { readonly excess: number; readonly total: number },
): Struct {
  const own = columns.reduce((sum, { size }) => sum + size, 0)
  const ownExcess = Math.ceil((own / total) * excess)
  const values: ConnectValue[] = row.schema.fields!.map((_field, i) => fieldValue(row, i, true))
  for (const { index, value, size } of columns) {
    const kept = Math.max(0, size - Math.ceil((size / own) * ownExcess))
    values[index] = typeof value === 'string' ? beginning(value, kept) : value.subarray(0, kept)
  }
  return new ValueStruct(row.schema, values)
}

/** The first units of a text, without half of a character at the end. */
function beginning(text: string, units: number): string {
  const last = text.charCodeAt(units - 1)
  const isHalf = last >= 0xd800 && last < 0xdc00 && units < text.length
  return text.slice(0, isHalf ? units - 1 : units)
}

function above(least: number, problem: string): OptionValidator {
  return (value) => (Number(value) > least ? null : problem)
}

const configDef = new ConfigDef(options)

export const enforceRecordSize: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.EnforceRecordSize',
  version: '3.7.0.Final',
  configDef,
  create: (config) => {
    const parsed = configDef.parse(config)
    return new EnforceRecordSize({
      maxBytes: parsed['max.bytes'],
      ratio: parsed['compression.ratio'],
      minFieldSize: parsed['min.field.size'],
    })
  },
}
