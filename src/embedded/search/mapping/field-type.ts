import { toText } from '../json/json-object.ts'
import { isIP } from 'node:net'
import { DateFormat, DEFAULT_DATE_FORMAT } from './date-format.ts'
import { parseDateMath } from './date-math.ts'
import { UnfitValueError, type DocValue } from './doc-value.ts'
import { numberTypes } from './number-types.ts'

/** What decides how a field is searched and sorted. `opaque` fields are stored, never searched. */
export type FieldFamily = 'text' | 'keyword' | 'number' | 'date' | 'boolean' | 'opaque'

/** The parameters of a field that decide how its values are read. */
export interface FieldOptions {
  /** Whether `1.7` may stand for the integer 1. */
  readonly coerce: boolean
  readonly dateFormat: DateFormat
}

export interface FieldType {
  readonly name: string
  readonly family: FieldFamily
  /** What a mapping may say about such a field besides what every field takes. */
  readonly parameters: readonly string[]
  /** A value of a document, neither null nor an array, or an UnfitValueError. */
  read(value: unknown, options: FieldOptions): DocValue
  /** The value of a query, where it is read otherwise. */
  readQuery?(value: unknown): DocValue
}

function readText(value: unknown): string {
  if (typeof value === 'object')
    throw new UnfitValueError(`Can't get text on a START_OBJECT`, 'illegal_state_exception')
  return toText(value)
}

const TEXT_PARAMETERS = [
  'fields',
  'analyzer',
  'search_analyzer',
  'search_quote_analyzer',
  'norms',
  'index_options',
]
const LATER_TEXT_PARAMETERS = [
  'fielddata',
  'similarity',
  'position_increment_gap',
  'term_vector',
  'index_prefixes',
  'eager_global_ordinals',
  'index_phrases',
]

const text: FieldType = {
  name: 'text',
  family: 'text',
  parameters: [...TEXT_PARAMETERS, ...LATER_TEXT_PARAMETERS],
  read: readText,
}

const keyword: FieldType = {
  name: 'keyword',
  family: 'keyword',
  parameters: [
    'fields',
    'ignore_above',
    'null_value',
    'norms',
    'index_options',
    'similarity',
    'split_queries_on_whitespace',
    'eager_global_ordinals',
  ],
  read: readText,
}

const ip: FieldType = {
  name: 'ip',
  family: 'keyword',
  parameters: ['null_value', 'ignore_malformed'],
  read(value) {
    const address = readText(value)
    if (isIP(address) === 0) throw new UnfitValueError(`'${address}' is not an IP string literal.`)
    return address.toLowerCase()
  },
}

const boolean: FieldType = {
  name: 'boolean',
  family: 'boolean',
  parameters: ['null_value', 'ignore_malformed'],
  read(value) {
    if (value === true || value === 'true') return true
    if (value === false || value === 'false' || value === '') return false
    throw new UnfitValueError(
      `Failed to parse value [${String(value)}] as only [true] or [false] are allowed.`,
    )
  },
  readQuery(value) {
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    throw new UnfitValueError(`Can't parse boolean value [${String(value)}], expected [true] or [false]`)
  },
}

function dateType(name: string): FieldType {
  return {
    name,
    family: 'date',
    parameters: ['format', 'locale', 'null_value', 'ignore_malformed'],
    read(value, { dateFormat }) {
      const date = typeof value === 'object' ? undefined : dateFormat.parse(toText(value))
      if (date !== undefined) return date.ms
      throw new UnfitValueError(
        `failed to parse date field [${String(value)}] with format [${dateFormat.text}]`,
      )
    },
  }
}

const binary: FieldType = {
  name: 'binary',
  family: 'opaque',
  parameters: [],
  read(value) {
    const encoded = readText(value)
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) throw new UnfitValueError('Illegal base64 character')
    return encoded
  },
}

const types: ReadonlyMap<string, FieldType> = new Map(
  [text, keyword, ip, boolean, dateType('date'), dateType('date_nanos'), binary, ...numberTypes].map(
    (type) => [type.name, type],
  ),
)

/** Parameters that every field takes; those that only tune Elasticsearch's storage change nothing here. */
export const COMMON_PARAMETERS: readonly string[] = [
  'type',
  'index',
  'store',
  'doc_values',
  'copy_to',
  'meta',
  'boost',
]

export function findFieldType(name: string): FieldType | undefined {
  return types.get(name)
}

export const defaultDateFormat = new DateFormat(DEFAULT_DATE_FORMAT)

/** A date of a query with its rounding: see `parseDateMath`. */
export function readDateInQuery(
  value: unknown,
  options: { format: DateFormat; nowMs: number; timeZone?: string | undefined },
): { ms: number; lastMs: number } {
  const date = parseDateMath(String(value), options)
  if (date !== undefined) return date
  throw new UnfitValueError(
    `failed to parse date field [${String(value)}] with format [${options.format.text}]`,
    'parse_exception',
  )
}
