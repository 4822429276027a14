import type { CodePoints } from './code-points.ts'

/** What an expression consists of. Flags are worked into it: sets hold the letters of both cases where case is ignored. */
export type RegexNode =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly RegexNode[] }
  | { readonly kind: 'group'; readonly number: number; readonly body: RegexNode }
  | RepeatNode
  /** Keeps the first way in which its body matches: `(?>…)`, and possessive quantifiers. */
  | { readonly kind: 'atomic'; readonly body: RegexNode }
  | LookNode
  | { readonly kind: 'reference'; readonly number: number }
  | { readonly kind: 'edge'; readonly edge: Edge }

export interface RepeatNode {
  readonly kind: 'repeat'
  readonly body: RegexNode
  readonly min: number
  /** `Infinity` where there is no end. */
  readonly max: number
  readonly isLazy: boolean
}

export interface LookNode {
  readonly kind: 'look'
  readonly isBehind: boolean
  readonly isNegative: boolean
  readonly body: RegexNode
}

/** `text-end` is the very end, `last-line-end` before a line end that ends the text, too: `$`, `\Z`. */
export type Edge =
  | 'text-start'
  | 'text-end'
  | 'last-line-end'
  | 'last-newline'
  | 'line-start'
  | 'line-end'
  | 'word-edge'
  | 'no-word-edge'

export interface ParsedRegex {
  readonly root: RegexNode
  readonly groupCount: number
  readonly groupNames: ReadonlyMap<string, number>
  /** Whether references compare whatever the case. */
  readonly ignoresCaseInReferences: boolean
}
