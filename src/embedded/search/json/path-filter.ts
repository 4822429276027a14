import { parseExactly } from './exact-json.ts'
import { matchesWildcard } from '../text/wildcard.ts'
import { RawJson } from './raw-json.ts'

type Pattern = readonly string[]

/** What is left of the patterns below the key `name`; an empty pattern among them means that the whole value is meant. */
function below(patterns: readonly Pattern[], name: string): Pattern[] {
  const rest: Pattern[] = []
  for (const pattern of patterns) {
    const [head, ...tail] = pattern
    if (head === undefined) continue
    if (head === '**') {
      rest.push(pattern, ...below([tail], name))
      continue
    }
    if (matchesWildcard(head, name)) rest.push(tail)
    // A key may itself contain dots: {"a.b": 1} is reached by the path a.b.
    else if (name.includes('.')) {
      const depth = name.split('.').length
      if (pattern.length >= depth && matchesWildcard(pattern.slice(0, depth).join('.'), name))
        rest.push(pattern.slice(depth))
    }
  }
  return rest
}

const isWhole = (patterns: readonly Pattern[]): boolean =>
  patterns.some((pattern) => pattern.length === 0 || (pattern.length === 1 && pattern[0] === '**'))

function opened(value: unknown): unknown {
  return value instanceof RawJson && /^\s*[[{]/.test(value.text) ? parseExactly(value.text) : value
}

function include(value: unknown, patterns: readonly Pattern[]): unknown {
  if (isWhole(patterns)) return value
  const tree = opened(value)
  if (typeof tree !== 'object' || tree === null || tree instanceof RawJson) return undefined
  if (Array.isArray(tree)) {
    const items = tree.map((item) => include(item, patterns)).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  const kept: [string, unknown][] = []
  for (const [key, child] of Object.entries(tree)) {
    const rest = below(patterns, key)
    const found = rest.length === 0 ? undefined : include(child, rest)
    if (found !== undefined) kept.push([key, found])
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function exclude(value: unknown, patterns: readonly Pattern[]): unknown {
  if (patterns.length === 0) return value
  if (isWhole(patterns)) return undefined
  const tree = opened(value)
  if (typeof tree !== 'object' || tree === null || tree instanceof RawJson) return tree
  if (Array.isArray(tree)) return tree.map((item) => exclude(item, patterns)).filter((i) => i !== undefined)
  const kept: [string, unknown][] = []
  for (const [key, child] of Object.entries(tree)) {
    const left = exclude(child, below(patterns, key))
    if (left !== undefined) kept.push([key, left])
  }
  return Object.fromEntries(kept)
}

/** Keeps what the dotted patterns (`*` within a name, `**` over levels) include, without what they exclude. */
export function filterPaths(
  value: unknown,
  includes: readonly string[],
  excludes: readonly string[],
): unknown {
  const split = (patterns: readonly string[]): Pattern[] => patterns.map((pattern) => pattern.split('.'))
  const included = includes.length === 0 ? value : (include(value, split(includes)) ?? {})
  return excludes.length === 0 ? included : exclude(included, split(excludes))
}
