import { compareValues, type DocValue } from '../mapping/doc-value.ts'
import { termText } from '../mapping/document-terms.ts'
import { readDateInQuery } from '../mapping/field-type.ts'
import type { FieldMapping, FoundField } from '../mapping/mapping.ts'
import { matchTerm, tokenTerm, valueTerm } from '../text/index-term.ts'
import { ALL, anyOf, constantQuery, NO_MATCH, terms, type Query } from './query.ts'
import { readingValue, type QueryContext } from './query-context.ts'
import { maximumScore, termScore } from './relevance.ts'
import { tokensQuery } from './text-query.ts'

/** A value of a query as the field's type reads it. */
export function readQueryValue(context: QueryContext, field: FieldMapping, value: unknown): DocValue {
  return readingValue(() => {
    if (field.type.family === 'date') {
      return readDateInQuery(value, { format: field.dateFormat, nowMs: context.nowMs }).ms
    }
    return field.type.readQuery === undefined ? field.type.read(value, field) : field.type.readQuery(value)
  })
}

/** Documents with exactly this value; in a text field, with exactly this token. */
export function valueQuery(
  context: QueryContext,
  found: FoundField,
  { value, boost }: { value: unknown; boost: number },
): Query {
  const { field } = found
  if (field.type.family === 'text') {
    return tokensQuery(context, found, { tokens: [String(value)], boost, minimum: 1 })
  }
  const wanted = readQueryValue(context, field, value)
  const term = valueTerm(field.termPrefix, termText(wanted))
  const isScored = field.type.family === 'keyword' || field.type.family === 'boolean'
  const maximum = isScored ? maximumScore(context.statistics, { found, term, boost }) : 0
  // A value has no length to speak of.
  const score = isScored ? termScore(maximum, 1, { length: 1, averageLength: 1 }) : boost
  return {
    candidates: terms(matchTerm(term)),
    isMatchAll: false,
    score: (document) =>
      document.values(found).some((each) => compareValues(each, wanted) === 0) ? score : NO_MATCH,
  }
}

/** A longer list is looked up in the sources instead of in the full-text index. */
const MAX_INDEXED_VALUES = 1_000

/** Documents with any of these values, all scored the same. */
export function anyValueQuery(
  context: QueryContext,
  found: FoundField,
  { values, boost }: { values: readonly unknown[]; boost: number },
): Query {
  const { field } = found
  const isText = field.type.family === 'text'
  const read = values.map((value) => (isText ? String(value) : readQueryValue(context, field, value)))
  // As text, so that the integers of both kinds meet.
  const wanted = new Set(read.map(String))
  const candidates =
    read.length > MAX_INDEXED_VALUES
      ? ALL
      : anyOf(read.map((value) => terms(matchTerm(valueTermOf(field, value)))))
  return constantQuery(candidates, boost, (document) =>
    isText
      ? document.tokens(found).some((tokens) => tokens.some((token) => wanted.has(token)))
      : document.values(found).some((value) => wanted.has(String(value))),
  )
}

function valueTermOf(field: FieldMapping, value: DocValue): string {
  // A token stands in the index whole, a value by its start and a hash.
  return field.type.family === 'text'
    ? tokenTerm(field.termPrefix, String(value))
    : valueTerm(field.termPrefix, termText(value))
}
