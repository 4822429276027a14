import { LINE_ENDS } from './character-classes.ts'
import { complement, EVERY_CODE_POINT, setOf } from './code-points.ts'
import { inCases, readClass, skipComments } from './parse-class.ts'
import { readEscape, type RegexFlags } from './regex-escape.ts'
import type { Edge, ParsedRegex, RegexNode } from './regex-node.ts'
import { RegexReader, RegexSyntaxError } from './regex-reader.ts'

const NO_FLAGS: RegexFlags = {
  ignoreCase: false,
  unicodeCase: false,
  unicodeClasses: false,
  multiline: false,
  dotAll: false,
  unixLines: false,
  comments: false,
}

const FLAG_LETTERS: Readonly<Record<string, readonly (keyof RegexFlags)[]>> = {
  i: ['ignoreCase'],
  d: ['unixLines'],
  m: ['multiline'],
  s: ['dotAll'],
  u: ['unicodeCase'],
  x: ['comments'],
  U: ['unicodeClasses', 'unicodeCase'],
}

/** Deeper, and what walks through the expression would run out of stack. */
const MOST_NESTED = 200
const NEWLINE = setOf('\n')
const ANY_LINE_END: RegexNode = {
  kind: 'choice',
  branches: [
    { kind: 'sequence', parts: ['\r', '\n'].map((end): RegexNode => ({ kind: 'set', set: setOf(end) })) },
    { kind: 'set', set: setOf('\n\r', '\u0085', '\u2028', '\u2029') },
  ],
}

/** Reads Java's notation. Throws `RegexSyntaxError` for what is wrong in it, and what is not supported here. */
export function parseRegex(source: string, { ignoreCase = false } = {}): ParsedRegex {
  return new RegexParser(source, { ...NO_FLAGS, ignoreCase }).parse()
}

class RegexParser {
  readonly #reader: RegexReader
  #flags: RegexFlags
  #groupCount = 0
  readonly #groupNames = new Map<string, number>()
  readonly #closedGroups = new Set<number>()
  /** Whether case was ignored where there were references. */
  readonly #referenceCases = new Set<boolean>()
  #depth = 0
  #isBehind = false

  constructor(source: string, flags: RegexFlags) {
    this.#reader = new RegexReader(source)
    this.#flags = flags
  }

  parse(): ParsedRegex {
    const root = this.#choice()
    if (this.#reader.peek() !== '') throw new RegexSyntaxError('a ) has no ( before it')
    if (this.#referenceCases.size > 1) {
      throw new RegexSyntaxError('back references with and without (?i) in one expression are not supported')
    }
    return {
      root,
      groupCount: this.#groupCount,
      groupNames: this.#groupNames,
      ignoresCaseInReferences: this.#referenceCases.has(true),
    }
  }

  /** Up to the end, or the `)` that is not this choice's. Flags that are set within it end with it. */
  #choice(): RegexNode {
    if (++this.#depth > MOST_NESTED) throw new RegexSyntaxError('groups are nested too deeply')
    const outer = this.#flags
    const branches = [this.#sequence()]
    while (this.#reader.takes('|')) branches.push(this.#sequence())
    this.#flags = outer
    this.#depth--
    return branches.length === 1 ? branches[0]! : { kind: 'choice', branches }
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = []
    for (;;) {
      if (this.#flags.comments) skipComments(this.#reader)
      const next = this.#reader.peek()
      if (next === '' || next === '|' || next === ')') break
      const atom = this.#atom()
      if (atom !== null) parts.push(this.#repeated(atom))
    }
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts }
  }

  /** Null for what sets flags and matches nothing. */
  #atom(): RegexNode | null {
    const character = this.#reader.next()
    switch (character) {
      case '(':
        return this.#group()
      case '[':
        return { kind: 'set', set: readClass(this.#reader, this.#flags) }
      case '.':
        return { kind: 'set', set: this.#anyCharacter() }
      case '^':
        return edge(this.#flags.multiline ? 'line-start' : 'text-start')
      case '$':
        return edge(this.#lineEnd())
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
        throw new RegexSyntaxError(`${character} has nothing before it to repeat`)
      case '{':
        throw new RegexSyntaxError('a { that is meant as a character needs a backslash before it')
      default:
        return this.#literal(character.codePointAt(0)!)
    }
  }

  #literal(codePoint: number): RegexNode {
    return { kind: 'set', set: inCases([codePoint, codePoint], this.#flags) }
  }

  #anyCharacter() {
    if (this.#flags.dotAll) return EVERY_CODE_POINT
    return complement(this.#flags.unixLines ? NEWLINE : LINE_ENDS)
  }

  #lineEnd(): Edge {
    if (!this.#flags.multiline) return this.#flags.unixLines ? 'last-newline' : 'last-line-end'
    return 'line-end'
  }

  #escape(): RegexNode {
    const letter = this.#reader.peek()
    if (/[1-9]/.test(letter)) return this.#numberedReference()
    switch (letter) {
      case 'A':
        return this.#edgeOf('text-start')
      case 'z':
        return this.#edgeOf('text-end')
      case 'Z':
        return this.#edgeOf(this.#flags.unixLines ? 'last-newline' : 'last-line-end')
      case 'b':
      case 'B':
        if (this.#flags.unicodeClasses) throw new RegexSyntaxError(`\\${letter} with (?U) is not supported`)
        if (letter === 'b' && this.#reader.peek(1) === '{')
          throw new RegexSyntaxError('\\b{g} is not supported')
        return this.#edgeOf(letter === 'b' ? 'word-edge' : 'no-word-edge')
      case 'R':
        this.#reader.next()
        return ANY_LINE_END
      case 'k':
        return this.#namedReference()
      default: {
        const meant = readEscape(this.#reader, this.#flags)
        return typeof meant === 'number' ? this.#literal(meant) : { kind: 'set', set: meant }
      }
    }
  }

  #edgeOf(kind: Edge): RegexNode {
    this.#reader.next()
    return edge(kind)
  }

  #numberedReference(): RegexNode {
    let number = Number(this.#reader.next())
    // As many digits as there are groups for; the rest is text.
    while (/\d/.test(this.#reader.peek()) && number * 10 + Number(this.#reader.peek()) <= this.#groupCount) {
      number = number * 10 + Number(this.#reader.next())
    }
    return this.#reference(number, String(number))
  }

  #namedReference(): RegexNode {
    if (!this.#reader.takes('k<')) throw new RegexSyntaxError('\\k needs the name of a group: \\k<name>')
    const name = this.#reader.takeUntil('>', '\\k<')
    return this.#reference(this.#groupNames.get(name) ?? 0, name)
  }

  #reference(number: number, name: string): RegexNode {
    if (!this.#closedGroups.has(number))
      throw new RegexSyntaxError(`there is no group ${name} before its back reference`)
    if (this.#isBehind) throw new RegexSyntaxError('a back reference in a lookbehind is not supported')
    this.#referenceCases.add(this.#flags.ignoreCase)
    return { kind: 'reference', number }
  }

  #group(): RegexNode | null {
    const reader = this.#reader
    if (!reader.takes('?')) return this.#capturing(null)
    if (reader.takes(':')) return this.#closed(this.#choice())
    if (reader.takes('>')) return this.#atomic(this.#closed(this.#choice()))
    if (reader.takes('=')) return this.#look(false, false)
    if (reader.takes('!')) return this.#look(false, true)
    if (reader.takes('<=')) return this.#look(true, false)
    if (reader.takes('<!')) return this.#look(true, true)
    if (reader.takes('<')) return this.#capturing(reader.takeUntil('>', 'the name of a group'))
    return this.#flagGroup()
  }

  #capturing(name: string | null): RegexNode {
    const number = ++this.#groupCount
    if (name !== null) {
      if (!/^[a-zA-Z][a-zA-Z0-9]*$/.test(name)) {
        throw new RegexSyntaxError(`the name of a group consists of letters and digits: ${name}`)
      }
      if (this.#groupNames.has(name)) throw new RegexSyntaxError(`two groups are named ${name}`)
      this.#groupNames.set(name, number)
    }
    const body = this.#closed(this.#choice())
    this.#closedGroups.add(number)
    return { kind: 'group', number, body }
  }

  #closed(body: RegexNode): RegexNode {
    if (this.#reader.next() !== ')') throw new RegexSyntaxError('a group is not closed: ) is missing')
    return body
  }

  #look(isBehind: boolean, isNegative: boolean): RegexNode {
    const outer = this.#isBehind
    this.#isBehind ||= isBehind
    const body = this.#closed(this.#choice())
    this.#isBehind = outer
    return { kind: 'look', isBehind, isNegative, body }
  }

  #atomic(body: RegexNode): RegexNode {
    if (this.#isBehind) {
      throw new RegexSyntaxError('possessive quantifiers and (?>…) in a lookbehind are not supported')
    }
    return { kind: 'atomic', body }
  }

  /** `(?i)` for what follows, `(?i:…)` for its own. */
  #flagGroup(): RegexNode | null {
    const on = this.#reader.takeWhile(/[idmsuxU]/)
    const off = this.#reader.takes('-') ? this.#reader.takeWhile(/[idmsuxU]/) : ''
    const outer = this.#flags
    this.#flags = withFlags(withFlags(outer, on, true), off, false)
    if (this.#reader.takes(')')) return null
    if (!this.#reader.takes(':'))
      throw new RegexSyntaxError(`(?${on}${this.#reader.peek()} begins no group that is known`)
    const body = this.#closed(this.#choice())
    this.#flags = outer
    return body
  }

  /** The atom with the quantifiers behind it. */
  #repeated(atom: RegexNode): RegexNode {
    let node = atom
    for (;;) {
      if (this.#flags.comments) skipComments(this.#reader)
      const bounds = this.#bounds()
      if (bounds === null) return node
      const isLazy = this.#reader.takes('?')
      const isPossessive = !isLazy && this.#reader.takes('+')
      node = { kind: 'repeat', body: node, min: bounds[0], max: bounds[1], isLazy }
      if (isPossessive) node = this.#atomic(node)
    }
  }

  #bounds(): readonly [number, number] | null {
    if (this.#reader.takes('*')) return [0, Infinity]
    if (this.#reader.takes('+')) return [1, Infinity]
    if (this.#reader.takes('?')) return [0, 1]
    if (!this.#reader.takes('{')) return null
    const text = this.#reader.takeUntil('}', 'a quantifier')
    const match = /^(\d{1,9})(,(\d{1,9})?)?$/.exec(text)
    if (match === null) throw new RegexSyntaxError(`{${text}} is no quantifier`)
    const min = Number(match[1])
    const max = match[2] === undefined ? min : match[3] === undefined ? Infinity : Number(match[3])
    if (max < min) throw new RegexSyntaxError(`{${text}} is in disorder`)
    return [min, max]
  }
}

function edge(kind: Edge): RegexNode {
  return { kind: 'edge', edge: kind }
}

function withFlags(flags: RegexFlags, letters: string, value: boolean): RegexFlags {
  const names = letters.split('').flatMap((letter) => FLAG_LETTERS[letter]!)
  return { ...flags, ...Object.fromEntries(names.map((name) => [name, value])) }
}
