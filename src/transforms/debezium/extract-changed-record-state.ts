import { isDeepStrictEqual } from 'node:util'
import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import type { Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord, Header } from '../../api/record.ts'
import { fieldIndex, type Schema } from '../../api/schema.ts'
import { isStruct, type Struct } from '../../api/struct.ts'
import type { RecordTemplate } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { isEnvelope } from '../../api/envelope-schema.ts'
import { requireStruct } from '../requirements.ts'

const configDef = new ConfigDef({
  'header.changed.name': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    width: 'LONG',
    displayName: 'Header change name.',
    documentation:
      'The header for the names of the columns that an update changed; without it there is none.',
  },
  'header.unchanged.name': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    width: 'LONG',
    displayName: 'Header unchanged name.',
    documentation:
      'The header for the names of the columns that an update left alone; without it there is none.',
  },
} as const satisfies OptionDefinitions)

interface Difference {
  readonly changed: readonly string[]
  readonly unchanged: readonly string[]
}

const NONE: Difference = { changed: [], unchanged: [] }

/** Debezium's headers with the columns that an update changed. They are empty where a change has one row only. */
class ExtractChangedRecordState implements Transformation {
  readonly #headers: readonly {
    readonly name: string
    readonly schema: Schema
    readonly list: keyof Difference
  }[]
  /** The reference adds a delete's headers to the tombstone after it as well, because the two share one list. */
  #headersOfDelete: readonly Header[] = []

  constructor(changedName: string | null, unchangedName: string | null) {
    const lists = [
      { name: changedName, list: 'changed' },
      { name: unchangedName, list: 'unchanged' },
    ] as const
    this.#headers = lists.flatMap(({ name, list }) =>
      name === null || name.trim() === '' ? [] : [{ name, list, schema: namesSchema(name) }],
    )
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (record.value === null) {
      return { ...record, headers: [...record.headers, ...this.#headersOfDelete] }
    }
    if (!isEnvelope(record.valueSchema)) return record
    const envelope = requireStruct(record.valueSchema, record.value, 'Record value should be struct.')
    const after = envelope.get('after')
    const before = envelope.get('before')
    const added = this.#headersOf(isStruct(after) && isStruct(before) ? differences(before, after) : NONE)
    this.#headersOfDelete = after === null && before !== null ? added : []
    return { ...record, headers: [...record.headers, ...added] }
  }

  compile(record: RecordTemplate): RecordTemplate | null {
    const { value } = record
    // The delete before it is seen as a record, so that the tombstone can have its headers.
    if (value === null || value.kind !== 'struct') return null
    if (!isEnvelope(value.schema)) return record
    const before = value.fields[fieldIndex(value.schema, 'before')]
    const after = value.fields[fieldIndex(value.schema, 'after')]
    if (after?.kind !== 'struct' || before?.kind !== 'constant' || before.value !== null) return null
    const added = this.#headersOf(NONE).map(({ name, schema, value }) => ({
      name,
      value: { kind: 'constant', schema: schema!, value } as const,
    }))
    return { ...record, headers: [...record.headers, ...added] }
  }

  #headersOf(difference: Difference): readonly Header[] {
    return this.#headers.map(({ name, schema, list }) => ({ name, schema, value: difference[list] }))
  }
}

function namesSchema(name: string): Schema {
  return { type: 'array', optional: true, name, valueSchema: { type: 'string', optional: true } }
}

function differences(before: Struct, after: Struct): Difference {
  const changed: string[] = []
  const unchanged: string[] = []
  for (const [index, { name }] of after.schema.fields!.entries()) {
    const isSame = isEqual(before.get(name), after.at(index))
    ;(isSame ? unchanged : changed).push(name)
  }
  return { changed, unchanged }
}

function isEqual(one: ConnectValue, other: ConnectValue): boolean {
  if (isStruct(one) && isStruct(other)) {
    return one.schema.fields!.every((_, index) => isEqual(one.at(index), other.at(index)))
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((element, i) => isEqual(element, other[i]))
  }
  return isDeepStrictEqual(one, other)
}

export const extractChangedRecordState: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.ExtractChangedRecordState',
  version: '3.7.0.Final',
  configDef,
  create: (config) => {
    const parsed = configDef.parse(config)
    return new ExtractChangedRecordState(parsed['header.changed.name'], parsed['header.unchanged.name'])
  },
}
