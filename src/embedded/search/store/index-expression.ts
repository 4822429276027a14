import { illegalArgument, indexNotFound } from '../search-error.ts'
import { matchesWildcard } from '../text/wildcard.ts'
import type { IndexRegistry } from './index-registry.ts'
import { invalidIndexName } from './index-name.ts'
import type { SearchIndex } from './search-index.ts'

export interface ExpressionOptions {
  /** A name that does not exist is left out instead of being an error. */
  readonly ignoreUnavailable?: boolean
  /** False: a pattern that fits nothing is an error too. */
  readonly allowNoIndices?: boolean
}

/** The indices that `a,b*,-c`, `_all` or an empty text name, aliases included, in the order of their names. */
export function resolveIndices(
  registry: IndexRegistry,
  expression: string,
  options: ExpressionOptions = {},
): SearchIndex[] {
  const found = new Set<SearchIndex>()
  if (expression === '' || expression === '_all') return byName(registry.all())
  let sawWildcard = false
  for (const part of expression.split(',')) {
    if (part.startsWith('-') && sawWildcard) {
      for (const index of resolvePart(registry, part.slice(1))) found.delete(index)
      continue
    }
    if (part.startsWith('_') && part !== '_all') throw invalidIndexName(part, "must not start with '_'.")
    const indices = part === '_all' ? registry.all() : resolvePart(registry, part)
    const isPattern = part.includes('*') || part === '_all'
    sawWildcard ||= isPattern
    const isMissing =
      indices.length === 0 &&
      (isPattern ? options.allowNoIndices === false : options.ignoreUnavailable !== true)
    if (isMissing) throw indexNotFound(part)
    for (const index of indices) found.add(index)
  }
  return byName([...found])
}

function resolvePart(registry: IndexRegistry, part: string): SearchIndex[] {
  if (!part.includes('*')) {
    const index = registry.find(part)
    return index === undefined ? registry.aliasedBy(part) : [index]
  }
  return registry
    .all()
    .filter((index) =>
      [index.name, ...Object.keys(index.aliases)].some((name) => matchesWildcard(part, name)),
    )
}

function byName(indices: SearchIndex[]): SearchIndex[] {
  return indices.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** For deleting: patterns are taken, but not the one that means everything, so that a slip does not cost it all. */
export function refuseEverything(expression: string): void {
  if (!expression.split(',').some((part) => /^(?:\**|_all)$/.test(part))) return
  throw illegalArgument('Wildcard expressions or all indices are not allowed')
}
