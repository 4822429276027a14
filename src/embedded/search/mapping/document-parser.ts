import { isJsonObject } from '../json/json-object.ts'
import { parseExactly, parseForIndexing } from '../json/exact-json.ts'
import { documentError, malformedSourceError } from './document-error.ts'
import { collectTerms } from './document-terms.ts'
import { deriveMapping } from './derive-mapping.ts'
import type { ObjectMapping } from './mapping.ts'
import { mergeMapping } from './merge-mapping.ts'
import { parseMapping } from './parse-mapping.ts'

export interface ParsedDocument {
  /** What the full-text index gets. */
  readonly terms: string
  /** The mapping that the document needs: the same object where it brought nothing new. */
  readonly mapping: ObjectMapping
}

/** Reads a source as the mapping says, extending the mapping where it may. Throws what the client is told. */
export function parseDocument(mapping: ObjectMapping, id: string, text: string): ParsedDocument {
  const document = { id, text }
  const source = parseSource(text)
  const found = collectTerms(mapping, source, document)
  if (!found.hasUnmapped) return { terms: found.terms, mapping }
  // Only a new field needs the numbers as written: 1 is a long, 1.0 a float.
  const exact = parseExactly(text)
  const addition = parseMapping(deriveMapping(mapping, isJsonObject(exact) ? exact : {}, document))
  const extended = mergeMapping(mapping, addition)
  return { terms: collectTerms(extended, source, document).terms, mapping: extended }
}

function parseSource(text: string): Readonly<Record<string, unknown>> {
  let source: unknown
  try {
    source = parseForIndexing(text)
  } catch (error) {
    throw malformedSourceError(error)
  }
  if (isJsonObject(source)) return source
  throw documentError(text, [], 'failed to parse: the document must be a JSON object')
}
