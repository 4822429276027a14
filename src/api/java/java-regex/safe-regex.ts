import { createRequire } from 'node:module'
import type * as Re2 from 're2js'
import { DataError } from '../../errors.ts'
import { LINE_ENDS } from './character-classes.ts'
import { matchCost } from './match-cost.ts'
import type { ParsedRegex } from './regex-node.ts'
import { RegexSyntaxError } from './regex-reader.ts'
import { JAVASCRIPT, RE2, writeRegex } from './write-regex.ts'

// Loaded with the first expression that needs it: most do not.
const load = createRequire(import.meta.url)

/** Longer than every name of PostgreSQL with its schema and table, and of a topic. */
const LONGEST_NAME = 255
/** Steps of the engine that goes back and tries again: some milliseconds. */
const FEW_STEPS = 1e6
/** For expressions that only it can match: a tenth of a second, as the bound is never reached. */
const MANY_STEPS = 2e8
/** RE2 takes longer with larger expressions: with the largest this is some tenths of a second. No name comes near. */
const LONGEST_TEXT = 16_384
const ENDS_LINE = new RegExp(`[${String.fromCodePoint(...LINE_ENDS)}]$`)

/** Where an expression matched, and what each of its groups holds; the first is all of the match. */
export interface RegexMatch {
  readonly index: number
  readonly groups: readonly (string | null)[]
}

/**
 * An expression that takes no text for ever. JavaScript's engine is the faster one for what it cannot go wrong with, by an
 * upper bound of its steps; all else is matched by RE2, in time that grows with the text alone. RE2 has neither lookaround
 * nor back references nor possessive quantifiers: with those, expressions that JavaScript's engine could take too long for
 * are refused.
 */
export class SafeRegex {
  readonly #parsed: ParsedRegex
  readonly #isWhole: boolean
  readonly #native: RegExp
  /** The same at the start of the text, where most texts match: it is tried first, as it takes fewer steps. */
  readonly #atStart: RegExp
  readonly #nativeGroups: readonly number[]
  readonly #atOnePlace: SafeLength
  readonly #anywhere: SafeLength
  #linear: Re2.RE2JS | null = null

  /**
   * Throws `RegexSyntaxError` where neither engine can have it.
   *
   * @param isWhole whether all of a text has to match, or any part of it
   */
  constructor(parsed: ParsedRegex, { isWhole }: { isWhole: boolean }) {
    this.#parsed = parsed
    this.#isWhole = isWhole
    const { source, groups } = writeRegex(parsed, JAVASCRIPT)!
    const flags = parsed.ignoresCaseInReferences ? 'iu' : 'u'
    this.#native = new RegExp(isWhole ? `^${source}$` : source, flags)
    this.#atStart = new RegExp(source, `${flags}y`)
    this.#nativeGroups = groups
    const budget = writeRegex(parsed, RE2) === null ? MANY_STEPS : FEW_STEPS
    const cost = (length: number): number => matchCost(parsed.root, { length, isWhole })
    this.#atOnePlace = new SafeLength(budget, cost)
    this.#anywhere = isWhole
      ? this.#atOnePlace
      : new SafeLength(budget, (length) => cost(length) * (length + 1))
    // It is compiled with its first text: one that is too large is to be refused here.
    this.#native.test('')
    // What RE2 would not take either is refused here, too; to know that of the harmless, it need not be loaded.
    if (isWhole && !(cost(LONGEST_NAME) <= MANY_STEPS)) this.#loadLinear()
  }

  test(text: string): boolean {
    if (this.#anywhere.admits(text.length)) return this.#native.test(text)
    const linear = this.#linearFor(text)
    return this.#isWhole ? linear.testExact(text) : linear.test(text)
  }

  exec(text: string): RegexMatch | null {
    const match = this.#execNative(text)
    if (match !== undefined) {
      return match && { index: match.index, groups: this.#nativeGroups.map((group) => match[group] ?? null) }
    }
    const matcher = this.#linearFor(text).matcher(text)
    if (!(this.#isWhole ? matcher.matches() : matcher.find())) return null
    return { index: matcher.start(), groups: this.#nativeGroups.map((_, group) => matcher.group(group)) }
  }

  /** Undefined: it is not for this engine. */
  #execNative(text: string): RegExpExecArray | null | undefined {
    if (!this.#isWhole && this.#atOnePlace.admits(text.length)) {
      this.#atStart.lastIndex = 0
      const match = this.#atStart.exec(text)
      if (match !== null) return match
    }
    return this.#anywhere.admits(text.length) ? this.#native.exec(text) : undefined
  }

  /** RE2 with the expression, for a text that JavaScript's engine might not come to an end with. */
  #linearFor(text: string): Re2.RE2JS {
    try {
      const linear = this.#loadLinear()
      if (text.length <= LONGEST_TEXT && !ENDS_LINE.test(text)) return linear
    } catch (error) {
      if (!(error instanceof RegexSyntaxError)) throw error
    }
    throw new DataError(
      'connect.data-invalid',
      `A text of ${text.length} characters is too long, or ends a line: a regular expression could take for ever to match it`,
    )
  }

  #loadLinear(): Re2.RE2JS {
    if (this.#linear !== null) return this.#linear
    const written = writeRegex(this.#parsed, RE2)
    if (written === null) {
      throw new RegexSyntaxError(
        'it could take for ever to match, and with lookaround, back references, possessive quantifiers or (?m) nothing but ' +
          'its form can prevent that: have no two repetitions that can match the same text, one in or after the other',
      )
    }
    const { RE2JS: Engine } = load('re2js') as typeof Re2
    try {
      this.#linear = Engine.compile(written.source)
    } catch (error) {
      throw new RegexSyntaxError(
        `it could take for ever to match, and is too large for RE2: ${(error as Error).message}`,
      )
    }
    return this.#linear
  }
}

/** Up to which length of a text the engine that tries again is known to take few steps. */
class SafeLength {
  readonly #budget: number
  readonly #cost: (length: number) => number
  #safe = -1
  #unsafe = Infinity

  constructor(budget: number, cost: (length: number) => number) {
    this.#budget = budget
    this.#cost = cost
  }

  admits(length: number): boolean {
    if (length <= this.#safe) return true
    if (length >= this.#unsafe) return false
    // In large strides: the bound is worked out a few times for an expression, not for each text.
    const rounded =
      length <= LONGEST_NAME ? Math.min(LONGEST_NAME, (length | 15) + 1) : 2 ** Math.ceil(Math.log2(length))
    // What is no number is endless times nothing: not known to be few.
    const isSafe = this.#cost(rounded) <= this.#budget
    if (isSafe) this.#safe = rounded
    else this.#unsafe = length
    return isSafe
  }
}
