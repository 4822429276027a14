import { NumberText, parseJson, printJson, type Json } from './lossless-json.ts'
import type { Scenario } from './scenario.ts'

/** A record as the worker shows it. */
export interface TopicRecord {
  readonly partition: number
  readonly key: BytesJson
  readonly value: BytesJson
  readonly headers: readonly (readonly [name: string, value: BytesJson])[]
}

/** Text as it is, bytes that are no text as base64. */
type BytesJson = string | { readonly base64: string } | null

type Fields = ReadonlyMap<string, Json>

const VOLATILE = new Set('ts_ms ts_us ts_ns lsn txId xmin sequence version lsn_proc lsn_commit'.split(' '))
const TRANSACTION_ID = /^\d+:\d+$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A topic's records in the form of the golden files: what differs from run to run is masked, each record one text. */
export function comparableRecords(
  topic: string,
  records: readonly TopicRecord[],
  scenario: Scenario,
): readonly string[] {
  const masked = records.map((record) => comparableRecord(topic, record, scenario))
  if (scenario.any_count?.includes(topic)) return [...new Set(masked.map(printJson))]
  if (scenario.last_per_key?.includes(topic)) return lastRows(masked)
  const texts = masked.map(printJson)
  if (!scenario.free_order?.includes(topic)) return texts
  const end = texts.findIndex((text) => !text.includes('"op":"r"'))
  const head = end < 0 ? texts.length : end
  return [...texts.slice(0, head).sort(), ...texts.slice(head)]
}

function lastRows(records: readonly Fields[]): readonly string[] {
  const rows = new Map<string, string>()
  for (const record of records) {
    const value = record.get('value')
    const after = value instanceof Map ? ((value as Fields).get('after') ?? null) : null
    const key = record.get('key') ?? null
    const row: Fields = new Map<string, Json>([
      ['key', key],
      ['value', after],
      ['headers', []],
    ])
    rows.set(printJson(key), printJson(row))
  }
  return [...rows.keys()].sort().map((key) => rows.get(key)!)
}

function comparableRecord(topic: string, record: TopicRecord, scenario: Scenario): Fields {
  const isFree = scenario.free_order?.includes(topic) ?? false
  const mask = (value: Json): Json => masked(maskedText(value), scenario, isFree)
  let value = mask(contents(record.value))
  value = sortedFields(value, scenario.free_fields ?? [])
  if (scenario.free_sequence === true) value = anySequence(value)
  return new Map<string, Json>([
    ...(record.partition > 0 ? [['partition', new NumberText(String(record.partition))] as const] : []),
    ['key', mask(contents(record.key))],
    ['value', value],
    ['headers', record.headers.map(([name, text]) => [name, maskedHeader(name, headerText(text), scenario)])],
  ])
}

/** JSON where it is that; null is no bytes at all. */
export function contents(bytes: BytesJson): Json {
  if (bytes === null) return null
  if (typeof bytes !== 'string') return new Map([['$base64', bytes.base64]])
  try {
    const json = parseJson(bytes)
    return json instanceof Map || Array.isArray(json) ? json : new Map([['$json', json]])
  } catch {
    return new Map([['$text', bytes]])
  }
}

function headerText(value: BytesJson): string | null {
  return value === null || typeof value === 'string' ? value : `base64:${value.base64}`
}

function isVolatile(name: string, { volatile }: Scenario): boolean {
  if (volatile?.includes(name)) return true
  return VOLATILE.has(name.replace(/^__?/, '').replace(/^source[_.]/, ''))
}

function placeholder(value: Json): Json {
  if (value === null || typeof value === 'boolean') return value
  if (value instanceof NumberText) return /^-?\d+$/.test(value.text) ? '<int>' : '<number>'
  if (typeof value !== 'string') return '<json>'
  if (value.startsWith('[') && value.endsWith(']')) return value.replaceAll(/"\d+"/g, '"<lsn>"')
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return '<timestamp>'
  return /^-?\d+$/.test(value) ? '<digits>' : '<string>'
}

/** Rows and schemas are never masked. */
function masked(value: Json, scenario: Scenario, isFree: boolean): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => masked(item, scenario, isFree))
  if (!(value instanceof Map)) return value
  const fields = value as Fields
  const isWrapped = [...fields.keys()].join() === 'schema,payload'
  return new Map(
    [...fields].map(([name, field]): [string, Json] => {
      if (isWrapped && name === 'schema') return [name, field]
      const isRow = (name === 'before' || name === 'after') && (field === null || field instanceof Map)
      if (isRow) return [name, field]
      if (isVolatile(name, scenario)) return [name, placeholder(field)]
      if (typeof field === 'string' && TRANSACTION_ID.test(field) && /(^|_)id$/.test(name)) {
        return [name, '<xid:lsn>']
      }
      if (isFree && name === 'snapshot') return [name, '<string>']
      return [name, masked(field, scenario, isFree)]
    }),
  )
}

/** The `Struct{…}` texts of the StringConverter. */
function maskedText(value: Json): Json {
  if (!(value instanceof Map)) return value
  const text = (value as Fields).get('$text')
  if (typeof text !== 'string') return value
  return new Map([
    [
      '$text',
      text
        .replaceAll(/\b((?:__)?(?:source_)?(?:ts_ms|ts_us|ts_ns|lsn|txId|xmin))=-?\d+/g, '$1=<int>')
        .replaceAll(/\bversion=[^,}]+/g, 'version=<string>')
        .replaceAll(/\bsequence=\[[^\]]*\]/g, (sequence) => sequence.replaceAll(/"\d+"/g, '"<lsn>"')),
    ],
  ])
}

function maskedHeader(name: string, text: string | null, scenario: Scenario): Json {
  if (text === null) return null
  if (isVolatile(name, scenario)) return placeholder(/^-?\d+$/.test(text) ? new NumberText(text) : text)
  if (UUID.test(text) && name.includes('runId')) return '<uuid>'
  return TRANSACTION_ID.test(text) ? '<xid:lsn>' : text
}

/** Null or a position in the first half of `source.sequence` count as the same. */
function anySequence(value: Json): Json {
  if (!(value instanceof Map)) return value
  return new Map(
    [...(value as Fields)].map(([name, field]): [string, Json] => [
      name,
      name === 'sequence' && typeof field === 'string' ? '["<lsn|null>","<lsn>"]' : anySequence(field),
    ]),
  )
}

function sortedFields(value: Json, names: readonly string[]): Json {
  if (names.length === 0 || !(value instanceof Map)) return value
  return new Map(
    [...(value as Fields)].map(([name, field]): [string, Json] => {
      const inner = sortedFields(field, names)
      if (!names.includes(name) || !(inner instanceof Map)) return [name, inner]
      return [name, new Map([...(inner as Fields)].sort(([a], [b]) => (a < b ? -1 : 1)))]
    }),
  )
}
