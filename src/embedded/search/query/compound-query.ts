import { allOf, anyOf, matchNone, NO_MATCH, type Query } from './query.ts'

export interface BoolClauses {
  readonly must: readonly Query[]
  readonly filter: readonly Query[]
  readonly should: readonly Query[]
  readonly mustNot: readonly Query[]
  readonly minimum: number
  readonly boost: number
}

/** All of `must` and `filter`, none of `mustNot`, and `minimum` of `should`; `filter` does not count for the score. */
export function boolQuery({ must, filter, should, mustNot, minimum, boost }: BoolClauses): Query {
  const required = [...must, ...filter].map(({ candidates }) => candidates)
  const optional = should.map(({ candidates }) => candidates)
  const isOnlyNegative = required.length === 0 && should.length === 0
  return {
    candidates: allOf([...required, ...(minimum > 0 && should.length > 0 ? [anyOf(optional)] : [])]),
    isMatchAll: false,
    score(document) {
      // Without any clause that scores, filters alone give 0, exclusions alone 0 as well.
      let score = 0
      for (const query of filter) if (query.score(document) === NO_MATCH) return NO_MATCH
      for (const query of must) {
        const own = query.score(document)
        if (own === NO_MATCH) return NO_MATCH
        score += own
      }
      for (const query of mustNot) if (query.score(document) !== NO_MATCH) return NO_MATCH
      let matched = 0
      for (const query of should) {
        const own = query.score(document)
        if (own === NO_MATCH) continue
        matched++
        score += own
      }
      if (matched < minimum) return NO_MATCH
      return isOnlyNegative ? 0 : score * boost
    },
  }
}

/** Any of them; the best one makes the score, the others add `tieBreaker` of theirs. */
export function bestOf(queries: readonly Query[], tieBreaker = 0, boost = 1): Query {
  return combined(queries, (scores) => {
    const best = Math.max(...scores)
    const sum = scores.reduce((total, score) => total + score, 0)
    return boost * (best + tieBreaker * (sum - best))
  })
}

/** Any of them; the scores add up. */
export function sumOf(queries: readonly Query[]): Query {
  return combined(queries, (scores) => scores.reduce((total, score) => total + score, 0))
}

function combined(queries: readonly Query[], combine: (scores: readonly number[]) => number): Query {
  if (queries.length === 0) return matchNone
  return {
    candidates: anyOf(queries.map(({ candidates }) => candidates)),
    isMatchAll: false,
    score(document) {
      const scores: number[] = []
      for (const query of queries) {
        const score = query.score(document)
        if (score !== NO_MATCH) scores.push(score)
      }
      return scores.length === 0 ? NO_MATCH : combine(scores)
    },
  }
}

/** The matches of a query, all with the same score. */
export function withScore(query: Query, score: number): Query {
  return { ...query, score: (document) => (query.score(document) === NO_MATCH ? NO_MATCH : score) }
}
