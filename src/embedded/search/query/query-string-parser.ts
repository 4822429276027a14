/** What a query string says, before any index is looked at. */
export type QueryNode =
  | {
      readonly kind: 'term'
      readonly field: string | undefined
      readonly text: string
      readonly boost: number
    }
  | {
      readonly kind: 'pattern'
      readonly field: string | undefined
      readonly text: string
      readonly boost: number
    }
  | {
      readonly kind: 'phrase'
      readonly field: string | undefined
      readonly text: string
      readonly boost: number
    }
  | {
      readonly kind: 'range'
      readonly field: string
      readonly bounds: Readonly<Record<string, string>>
      readonly boost: number
    }
  | { readonly kind: 'group'; readonly clauses: readonly QueryClause[]; readonly boost: number }

export interface QueryClause {
  readonly occurs: 'must' | 'should' | 'must_not'
  readonly node: QueryNode
}

export class QuerySyntaxError extends Error {}

const MAX_GROUP_DEPTH = 30

const WHITE_SPACE = /\s*/y
const OPERATOR = /(AND|OR|NOT)(?=[\s()"]|$)|&&|\|\||!|[+-]/y
const FIELD = /((?:\\.|[^\s+\-!(){}[\]^"~*?:\\/<>=&|]|(?<=.)[-+*?/])+)\s*:/y
const PHRASE = /"((?:\\.|[^"\\])*)"/y
const COMPARISON = /(>=|<=|>|<)\s*((?:\\.|[^\s()\\])+)/y
const RANGE = /([[{])\s*("(?:\\.|[^"\\])*"|[^\s"\]}]+)\s+TO\s+("(?:\\.|[^"\\])*"|[^\s"\]}]+)\s*([\]}])/y
const TERM = /(?:\\.|[^\s!(){}[\]^"~:\\/]|(?<=[^\s(])[!/])+/y
const BOOST = /\^(\d+(?:\.\d+)?)/y

/** Lucene's query syntax: fields, groups, AND/OR/NOT, +/-, phrases, ranges, wildcards, boosts. */
export class QueryStringParser {
  readonly #text: string
  readonly #requiresAll: boolean
  #at = 0

  constructor(text: string, defaultOperator: 'and' | 'or') {
    this.#text = text
    this.#requiresAll = defaultOperator === 'and'
  }

  parse(): QueryNode {
    const clauses = this.#clauses(undefined, 0)
    if (this.#at < this.#text.length) throw this.#unexpected()
    return { kind: 'group', clauses, boost: 1 }
  }

  #clauses(field: string | undefined, depth: number): QueryClause[] {
    if (depth > MAX_GROUP_DEPTH) throw new QuerySyntaxError(`groups nest deeper than ${MAX_GROUP_DEPTH}`)
    const clauses: QueryClause[] = []
    for (
      this.#take(WHITE_SPACE);
      this.#at < this.#text.length && this.#text[this.#at] !== ')';
      this.#take(WHITE_SPACE)
    ) {
      const { joinedBy, modifier } = this.#operators()
      // `a AND b` makes both required, also the one that was read already.
      const previous = clauses.at(-1)
      if (previous !== undefined && previous.occurs !== 'must_not') {
        if (joinedBy === 'AND') clauses[clauses.length - 1] = { ...previous, occurs: 'must' }
        if (joinedBy === 'OR' && this.#requiresAll)
          clauses[clauses.length - 1] = { ...previous, occurs: 'should' }
      }
      const isRequired = modifier === '+' || joinedBy === 'AND' || (this.#requiresAll && joinedBy !== 'OR')
      const node = this.#node(field, depth)
      clauses.push({ occurs: modifier === '-' ? 'must_not' : isRequired ? 'must' : 'should', node })
    }
    return clauses
  }

  #operators(): { joinedBy: 'AND' | 'OR' | undefined; modifier: '+' | '-' | undefined } {
    let joinedBy: 'AND' | 'OR' | undefined
    let modifier: '+' | '-' | undefined
    for (let found = this.#take(OPERATOR); found !== undefined; found = this.#take(OPERATOR)) {
      const [operator] = found
      if (operator === 'AND' || operator === '&&') joinedBy = 'AND'
      else if (operator === 'OR' || operator === '||') joinedBy = 'OR'
      else modifier = operator === '+' ? '+' : '-'
      this.#take(WHITE_SPACE)
    }
    return { joinedBy, modifier }
  }

  #node(outerField: string | undefined, depth: number): QueryNode {
    const name = this.#take(FIELD)?.[1]
    const field = name === undefined ? outerField : unescapeQuery(name)
    this.#take(WHITE_SPACE)
    if (this.#text[this.#at] === '(') {
      this.#at++
      const clauses = this.#clauses(field, depth + 1)
      if (this.#text[this.#at] !== ')' || clauses.length === 0) throw this.#unexpected()
      this.#at++
      return { kind: 'group', clauses, boost: this.#boost() }
    }
    const phrase = this.#take(PHRASE)
    if (phrase !== undefined) {
      return { kind: 'phrase', field, text: unescapeQuery(phrase[1] ?? ''), boost: this.#boost() }
    }
    if (field !== undefined) {
      const range = this.#range(field)
      if (range !== undefined) return range
    }
    const term = this.#take(TERM)
    if (term === undefined) throw this.#unexpected()
    const [text] = term
    const isPattern = /(?<!\\)(?:\\\\)*[*?]/.test(text)
    return isPattern
      ? { kind: 'pattern', field, text, boost: this.#boost() }
      : { kind: 'term', field, text: unescapeQuery(text), boost: this.#boost() }
  }

  #range(field: string): QueryNode | undefined {
    const comparison = this.#take(COMPARISON)
    if (comparison !== undefined) {
      const [, operator = '', bound = ''] = comparison
      const key = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' }[operator]!
      return { kind: 'range', field, bounds: { [key]: unescapeQuery(bound) }, boost: this.#boost() }
    }
    const range = this.#take(RANGE)
    if (range === undefined) return undefined
    const [, open, lower = '', upper = '', close] = range
    const bounds: Record<string, string> = {}
    if (lower !== '*') bounds[open === '[' ? 'gte' : 'gt'] = unquote(lower)
    if (upper !== '*') bounds[close === ']' ? 'lte' : 'lt'] = unquote(upper)
    return { kind: 'range', field, bounds, boost: this.#boost() }
  }

  #boost(): number {
    return Number(this.#take(BOOST)?.[1] ?? 1)
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return undefined
    this.#at = pattern.lastIndex
    return found
  }

  #unexpected(): QuerySyntaxError {
    const what = this.#at < this.#text.length ? `"${this.#text[this.#at]}"` : 'the end'
    return new QuerySyntaxError(`Encountered ${what} at column ${this.#at}, which does not fit there`)
  }
}

function unescapeQuery(text: string): string {
  return text.replaceAll(/\\([^])/g, '$1')
}

function unquote(text: string): string {
  return unescapeQuery(text.startsWith('"') ? text.slice(1, -1) : text)
}
