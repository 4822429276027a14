import { SearchError } from '../search-error.ts'
import { locateValue } from '../json/locate-value.ts'
import { previewValue, type UnfitValueError } from './doc-value.ts'
import type { FieldMapping } from './mapping.ts'

/** Where in the source: keys, and the positions in arrays. */
export type SourcePath = readonly (string | number)[]

export interface RefusedDocument {
  readonly id: string
  readonly text: string
}

/** The document does not fit the mapping; the reason begins with `[line:column]` of the value. */
export function documentError(
  text: string,
  at: SourcePath,
  reason: string,
  type = 'document_parsing_exception',
): SearchError {
  return new SearchError(400, type, `[${locateValue(text, at)}] ${reason}`)
}

export function strictMappingError(
  text: string,
  at: SourcePath,
  { name, parent }: { name: string; parent: string },
): SearchError {
  const reason = `mapping set to strict, dynamic introduction of [${name}] within [${parent || '_doc'}] is not allowed`
  return documentError(text, at, reason, 'strict_dynamic_mapping_exception')
}

export function unfitValueError(
  document: RefusedDocument,
  at: SourcePath,
  { field, value, cause }: { field: FieldMapping; value: unknown; cause: UnfitValueError },
): SearchError {
  const preview = `Preview of field's value: '${previewValue(value)}'`
  const reason = `failed to parse field [${field.path}] of type [${field.type.name}] in document with id '${document.id}'. ${preview}`
  const location = locateValue(document.text, at)
  return new SearchError(400, 'document_parsing_exception', `[${location}] ${reason}`, {
    caused_by: { type: cause.type, reason: cause.message },
  })
}

/** The source is not JSON. */
export function malformedSourceError(cause: unknown): SearchError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new SearchError(400, 'document_parsing_exception', `[1:1] failed to parse: ${reason}`, {
    caused_by: { type: 'x_content_parse_exception', reason },
  })
}
