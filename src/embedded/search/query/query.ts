import type { SourceDocument } from './source-document.ts'

/** Which rows a query must look at: the full-text index narrows, the source decides. */
export type Candidates =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  /** A `MATCH` expression of FTS5 whose rows contain every match. */
  | { readonly kind: 'terms'; readonly expression: string }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }

/** `score` of a document that does not match. */
export const NO_MATCH = -1

export interface Query {
  readonly candidates: Candidates
  /** True where every document matches with the same score: then nothing needs to be looked into. */
  readonly isMatchAll: boolean
  /** The score, 0 or more, or `NO_MATCH`. */
  score(document: SourceDocument): number
}

export const ALL: Candidates = { kind: 'all' }
export const NONE: Candidates = { kind: 'none' }

export const terms = (expression: string): Candidates => ({ kind: 'terms', expression })

/** A query whose matches all score the same. */
export function constantQuery(
  candidates: Candidates,
  boost: number,
  matches: (document: SourceDocument) => boolean,
): Query {
  return { candidates, isMatchAll: false, score: (document) => (matches(document) ? boost : NO_MATCH) }
}

export function matchAll(boost = 1): Query {
  return { candidates: ALL, isMatchAll: true, score: () => boost }
}

export const matchNone: Query = { candidates: NONE, isMatchAll: false, score: () => NO_MATCH }

/** Rows that all of them allow; the narrowest kind wins, as the source decides in the end. */
export function allOf(candidates: readonly Candidates[]): Candidates {
  if (candidates.some(({ kind }) => kind === 'none')) return NONE
  const ids = candidates.find(({ kind }) => kind === 'ids')
  if (ids !== undefined) return ids
  const expressions = new Set(candidates.flatMap((each) => (each.kind === 'terms' ? [each.expression] : [])))
  return expressions.size === 0 ? ALL : terms(joined(expressions, 'AND'))
}

/** Rows that any of them allows. */
export function anyOf(candidates: readonly Candidates[]): Candidates {
  const possible = candidates.filter(({ kind }) => kind !== 'none')
  if (possible.length === 0) return NONE
  const expressions = new Set<string>()
  const ids = new Set<string>()
  for (const each of possible) {
    if (each.kind === 'terms') expressions.add(each.expression)
    else if (each.kind === 'ids') for (const id of each.ids) ids.add(id)
    else return ALL
  }
  if (expressions.size === 0) return { kind: 'ids', ids: [...ids] }
  return ids.size === 0 ? terms(joined(expressions, 'OR')) : ALL
}

function joined(expressions: ReadonlySet<string>, operator: 'AND' | 'OR'): string {
  return expressions.size === 1 ? [...expressions].join('') : `(${[...expressions].join(` ${operator} `)})`
}
