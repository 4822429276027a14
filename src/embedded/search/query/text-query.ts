import type { FoundField } from '../mapping/mapping.ts'
import { matchPrefix, matchTerm, tokenTerm } from '../text/index-term.ts'
import { allOf, anyOf, NO_MATCH, terms, type Candidates, type Query } from './query.ts'
import type { QueryContext } from './query-context.ts'
import { maximumScore, termScore } from './relevance.ts'
import type { SourceDocument } from './source-document.ts'

export interface TextQueryOptions {
  readonly boost: number
  /** The last token stands for every token that starts so. */
  readonly lastIsPrefix?: boolean
}

interface WeightedToken {
  readonly text: string
  readonly isPrefix: boolean
  readonly weight: number
  readonly candidates: Candidates
}

function weighted(
  context: QueryContext,
  found: FoundField,
  { tokens, boost, lastIsPrefix = false }: TextQueryOptions & { tokens: readonly string[] },
): WeightedToken[] {
  const { termPrefix } = found.field
  return tokens.map((text, index) => {
    const isPrefix = lastIsPrefix && index === tokens.length - 1
    const term = tokenTerm(termPrefix, text)
    return {
      text,
      isPrefix,
      weight: isPrefix ? boost : maximumScore(context.statistics, { found, term, boost }),
      candidates: terms(isPrefix ? matchPrefix(termPrefix, text) : matchTerm(term)),
    }
  })
}

const fits = (token: WeightedToken, text: string): boolean =>
  token.isPrefix ? text.startsWith(token.text) : text === token.text

/** Documents whose field has at least `minimum` of the tokens. */
export function tokensQuery(
  context: QueryContext,
  found: FoundField,
  options: TextQueryOptions & { tokens: readonly string[]; minimum: number },
): Query {
  const wanted = weighted(context, found, options)
  const { averageLength } = context.statistics.field(found)
  const combine = options.minimum >= wanted.length ? allOf : anyOf
  return {
    candidates: combine(wanted.map(({ candidates }) => candidates)),
    isMatchAll: false,
    score(document) {
      const values = document.tokens(found)
      const length = lengthOf(values)
      let score = 0
      let matched = 0
      for (const token of wanted) {
        let frequency = 0
        for (const value of values) for (const text of value) if (fits(token, text)) frequency++
        if (frequency === 0) continue
        matched++
        score += token.isPrefix ? token.weight : termScore(token.weight, frequency, { length, averageLength })
      }
      return matched >= Math.max(options.minimum, 1) ? score : NO_MATCH
    },
  }
}

/** Documents with the tokens one after the other, in one value. */
export function phraseQuery(
  context: QueryContext,
  found: FoundField,
  options: TextQueryOptions & { tokens: readonly string[] },
): Query {
  const wanted = weighted(context, found, options)
  const { averageLength } = context.statistics.field(found)
  const weight = wanted.reduce((sum, token) => sum + token.weight, 0)
  return {
    candidates: allOf(wanted.map(({ candidates }) => candidates)),
    isMatchAll: false,
    score(document: SourceDocument) {
      const values = document.tokens(found)
      let frequency = 0
      for (const value of values) frequency += countPhrase(value, wanted)
      return frequency === 0
        ? NO_MATCH
        : termScore(weight, frequency, { length: lengthOf(values), averageLength })
    },
  }
}

function countPhrase(value: readonly string[], wanted: readonly WeightedToken[]): number {
  let count = 0
  for (let start = 0; start + wanted.length <= value.length; start++) {
    if (wanted.every((token, index) => fits(token, value[start + index]!))) count++
  }
  return count
}

function lengthOf(values: readonly (readonly string[])[]): number {
  let length = 0
  for (const value of values) length += value.length
  return length
}
