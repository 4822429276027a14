import { ConfigError } from '../../api/errors.ts'

/** Where the converter finds what it says of a record. */
export interface MetadataSources {
  /** Operation, source and transaction. */
  readonly global: 'value' | 'header'
  readonly id: FieldSource
  readonly type: FieldSource
  readonly traceparent: FieldSource
  readonly dataSchemaName: FieldSource
  /** Whether headers are looked at at all. */
  readonly usesHeaders: boolean
}

type FieldSource = 'value' | 'header' | 'generate'
type FieldName = 'id' | 'type' | 'traceparent' | 'dataSchemaName'

const SOURCES: readonly string[] = ['value', 'header', 'generate']
const FIELDS: readonly string[] = ['id', 'type', 'traceparent', 'dataSchemaName'] satisfies FieldName[]

/** Reads `metadata.source`. Throws `ConfigError`. */
export function readMetadataSources(
  entries: readonly string[],
  options: { readonly mayTrace: boolean; readonly mayNameData: boolean },
): MetadataSources {
  const [first = '', ...rest] = entries
  const global = sourceOf(first)
  if (global === 'generate')
    throw invalid("Global metadata source can't be GENERATE: it must be value or header")
  const named = new Map(rest.map(fieldEntry))
  const of = (name: FieldName): FieldSource => named.get(name) ?? global
  const [id, type] = [of('id'), of('type')]
  // Both need an option of their own to be looked for in headers.
  const traceparent = of('traceparent') === 'header' && !options.mayTrace ? 'generate' : of('traceparent')
  const dataSchemaName =
    of('dataSchemaName') === 'header' && !options.mayNameData ? 'generate' : of('dataSchemaName')
  const usesHeaders = [global, id, type, traceparent, dataSchemaName].includes('header')
  return { global, id, type, traceparent, dataSchemaName, usesHeaders }
}

function fieldEntry(entry: string): readonly [FieldName, FieldSource] {
  const [name = '', text = ''] = entry.split(':')
  const source = sourceOf(text)
  if (source === 'value') throw invalid("Field metadata source can't be VALUE: it must be header or generate")
  if (!FIELDS.includes(name)) {
    throw invalid(`Field \`${name}\` is not allowed to set custom source: those are ${FIELDS.join(', ')}`)
  }
  return [name as FieldName, source]
}

function sourceOf(text: string): FieldSource {
  const source = text.trim().toLowerCase()
  if (SOURCES.includes(source)) return source as FieldSource
  throw invalid(`Field source \`${text}\` is not valid: it is one of ${SOURCES.join(', ')}`)
}

function invalid(message: string): ConfigError {
  return new ConfigError('connect.config-invalid', `${message} (metadata.source)`)
}
