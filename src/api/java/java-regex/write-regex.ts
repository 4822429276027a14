import { LAST_CODE_POINT, type CodePoints } from './code-points.ts'
import type { Edge, ParsedRegex, RegexNode, RepeatNode } from './regex-node.ts'

/** How expressions are written for one engine. Null: it has nothing of the kind. */
export interface RegexDialect {
  readonly character: (codePoint: number) => string
  readonly nothing: string
  readonly edges: Readonly<Record<Edge, string | null>>
  readonly hasLooks: boolean
}

const PLAIN = /[A-Za-z0-9_ ]/
const LINE_END = '\\r\\n|[\\r\\u0085\\u2028\\u2029]|(?<!\\r)\\n'

/** JavaScript's own, with the flag `u`. */
export const JAVASCRIPT: RegexDialect = {
  character: (codePoint) => `\\u{${codePoint.toString(16)}}`,
  nothing: '[]',
  edges: {
    'text-start': '^',
    'text-end': '$',
    'last-line-end': `(?=(?:${LINE_END})?$)`,
    'last-newline': '(?=\\n?$)',
    'line-start': '(?:^|(?<=\\r\\n|[\\n\\u0085\\u2028\\u2029]|\\r(?!\\n))(?!$))',
    'line-end': `(?=${LINE_END}|$)`,
    'word-edge': '\\b',
    'no-word-edge': '\\B',
  },
  hasLooks: true,
}

/** RE2's. What `$` means at the end of a line, it cannot say: texts that end with one must not come to it. */
export const RE2: RegexDialect = {
  character: (codePoint) => `\\x{${codePoint.toString(16)}}`,
  nothing: `[^\\x{0}-\\x{${LAST_CODE_POINT.toString(16)}}]`,
  edges: {
    'text-start': '\\A',
    'text-end': '\\z',
    'last-line-end': '\\z',
    'last-newline': '\\z',
    'line-start': null,
    'line-end': null,
    'word-edge': '\\b',
    'no-word-edge': '\\B',
  },
  hasLooks: false,
}

export interface WrittenRegex {
  readonly source: string
  /** Which of the engine's groups each of the expression's own is; the first is the whole match. */
  readonly groups: readonly number[]
}

/** An expression in the notation of an engine; null where it has not what the expression needs. */
export function writeRegex({ root, groupCount }: ParsedRegex, dialect: RegexDialect): WrittenRegex | null {
  const groups: number[] = Array.from({ length: groupCount + 1 }, () => 0)
  let written = 0
  let isPossible = true
  const write = (node: RegexNode): string => {
    switch (node.kind) {
      case 'set':
        return writeSet(node.set, dialect)
      case 'sequence':
        return node.parts
          .map((part) => (part.kind === 'choice' ? `(?:${write(part)})` : write(part)))
          .join('')
      case 'choice':
        return node.branches.map(write).join('|')
      case 'group':
        groups[node.number] = ++written
        return `(${write(node.body)})`
      case 'repeat':
        return `(?:${write(node.body)})${quantifier(node)}`
      case 'edge':
        isPossible &&= dialect.edges[node.edge] !== null
        return dialect.edges[node.edge] ?? ''
      case 'atomic': {
        // A lookahead is not gone back into, and what it found is then matched as it is.
        isPossible &&= dialect.hasLooks
        const number = ++written
        return `(?:(?=(${write(node.body)}))\\${number})`
      }
      case 'look':
        isPossible &&= dialect.hasLooks
        return `(?${node.isBehind ? '<' : ''}${node.isNegative ? '!' : '='}${write(node.body)})`
      case 'reference':
        isPossible &&= dialect.hasLooks
        return `(?:\\${groups[node.number]})`
    }
  }
  const source = write(root)
  return isPossible ? { source: `(?:${source})`, groups } : null
}

function quantifier({ min, max, isLazy }: RepeatNode): string {
  return `{${min},${max === Infinity ? '' : max}}${isLazy ? '?' : ''}`
}

function writeSet(set: CodePoints, { character, nothing }: RegexDialect): string {
  if (set.length === 0) return nothing
  const one = (codePoint: number): string => {
    const text = String.fromCodePoint(codePoint)
    return PLAIN.test(text) ? text : character(codePoint)
  }
  if (set.length === 2 && set[0] === set[1]) return one(set[0]!)
  let ranges = ''
  for (let at = 0; at < set.length; at += 2) {
    ranges += set[at] === set[at + 1] ? one(set[at]!) : `${one(set[at]!)}-${one(set[at + 1]!)}`
  }
  return `[${ranges}]`
}
