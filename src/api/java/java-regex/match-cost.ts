import { LINE_ENDS } from './character-classes.ts'
import {
  ANYTHING,
  areDisjoint,
  AT_END,
  intersection,
  NOTHING,
  union,
  type CodePoints,
} from './code-points.ts'
import type { LookNode, RegexNode, RepeatNode } from './regex-node.ts'

/**
 * How much an engine that goes back and tries again can have to do with a text of `length` characters, at most, from one
 * place where it begins: the number of steps, whatever the text. An upper bound, not an estimate: what it finds harmless
 * is so. `Infinity` is common.
 *
 * @param isWhole whether the match has to end where the text does
 */
export function matchCost(
  root: RegexNode,
  { length, isWhole }: { length: number; isWhole: boolean },
): number {
  return new CostOfLength(length).of(root, { follow: isWhole ? AT_END : ANYTHING, isBackwards: false }).work
}

interface Cost {
  /** In how many ways it can match from one place, where something that can follow it comes next. */
  readonly ways: number
  /** In how many ways it can match from one place, whatever comes next. */
  readonly ends: number
  /** How many steps it takes to have tried all of them. */
  readonly work: number
}

interface Context {
  /** Which characters (or the end) can come next where the whole expression is to match. */
  readonly follow: CodePoints
  /** Within a lookbehind, which is read from its end. */
  readonly isBackwards: boolean
}

const ONE_STEP: Cost = { ways: 1, ends: 1, work: 1 }
/** At the end of the text or the line, or around a lookbehind's place, where no character need come. */
const AT_LINE_END = union(LINE_ENDS, AT_END)

class CostOfLength {
  readonly #length: number
  /** Each is asked for twice by what it is in: without this, nested ones would double it with each level. */
  readonly #looks = new Map<LookNode, number>()

  constructor(length: number) {
    this.#length = length
  }

  of(node: RegexNode, context: Context): Cost {
    switch (node.kind) {
      case 'set':
        return ONE_STEP
      case 'edge':
        return { ways: 1, ends: 1, work: 3 }
      case 'reference':
        return { ways: 1, ends: 1, work: this.#length + 1 }
      case 'group':
        return this.of(node.body, context)
      case 'atomic':
        return {
          ways: 1,
          ends: 1,
          work: 1 + this.of(node.body, { ...context, follow: ANYTHING }).work + this.#length,
        }
      case 'look':
        return { ways: 1, ends: 1, work: this.#look(node) }
      case 'sequence':
        return this.#sequence(node.parts, context)
      case 'choice':
        return this.#choice(node.branches, context)
      case 'repeat':
        return this.#repeat(node, context)
    }
  }

  #sequence(parts: readonly RegexNode[], context: Context): Cost {
    const inOrder = context.isBackwards ? [...parts].reverse() : parts
    let rest: Cost = { ways: 1, ends: 1, work: 0 }
    let { follow } = context
    let isRestNullable = true
    /** What it takes to see that the rest does not even begin. */
    let lead = 1
    for (const part of [...inOrder].reverse()) {
      const own = this.of(part, { ...context, follow })
      rest = {
        ways: times(own.ways, rest.ways),
        // What may match nothing lets the end of this part be the end of all, whatever comes next.
        ends: times(isRestNullable ? own.ends : own.ways, rest.ends),
        work: own.work + times(own.ways, rest.work) + times(own.ends, lead),
      }
      const isPartNullable = isNullable(part)
      isRestNullable &&= isPartNullable
      lead = this.#lead(part, context.isBackwards) + (isPartNullable ? lead : 0)
      follow = firstOf(part, { ...context, follow })
    }
    return { ...rest, work: rest.work + 1 }
  }

  #choice(branches: readonly RegexNode[], context: Context): Cost {
    const all = branches.map((branch) => this.of(branch, context))
    let isDecided = true
    let seen: CodePoints = NOTHING
    for (const branch of branches) {
      const first = firstOf(branch, context)
      isDecided &&= areDisjoint(seen, first)
      if (!isDecided) break
      seen = union(seen, first)
    }
    const ways = all.map((cost) => cost.ways)
    return {
      ways: isDecided ? Math.max(...ways) : sum(ways),
      ends: sum(all.map((cost) => cost.ends)),
      work: sum(all.map((cost) => cost.work)) + branches.length,
    }
  }

  #repeat(node: RepeatNode, context: Context): Cost {
    const { body, min, max } = node
    const first = firstOf(body, { ...context, follow: NOTHING })
    const own = this.of(body, { ...context, follow: union(first, context.follow) })
    const shortest = shortestOf(body)
    const rounds = Math.min(
      max,
      shortest === 0 ? this.#length + min + 1 : Math.floor(this.#length / shortest),
    )
    const again = powers(own.ways, rounds)
    const isDecided = own.ways === 1 && shortest > 0 && areDisjoint(first, context.follow)
    const attempt = own.work + times(own.ends, this.#lead(body, context.isBackwards))
    return {
      ways: isDecided ? 1 : again,
      ends: 1 + times(own.ends, again),
      work: 1 + times(again, attempt),
    }
  }

  #look(node: LookNode): number {
    let work = this.#looks.get(node)
    if (work === undefined) {
      work = 1 + this.of(node.body, { follow: ANYTHING, isBackwards: node.isBehind }).work
      this.#looks.set(node, work)
    }
    return work
  }

  /** How many steps it can take at most to see that the first character does not fit. */
  #lead(node: RegexNode, isBackwards: boolean): number {
    switch (node.kind) {
      case 'set':
        return 1
      case 'edge':
        return 3
      case 'reference':
        return this.#length + 1
      case 'look':
        return this.#look(node)
      case 'group':
      case 'atomic':
      case 'repeat':
        return 1 + this.#lead(node.body, isBackwards)
      case 'choice':
        return sum(node.branches.map((branch) => 1 + this.#lead(branch, isBackwards)))
      case 'sequence': {
        let total = 1
        for (const part of isBackwards ? [...node.parts].reverse() : node.parts) {
          total += this.#lead(part, isBackwards)
          if (!isNullable(part)) break
        }
        return total
      }
    }
  }
}

/** The characters that can come first where a node matches and `follow` comes after it. */
function firstOf(node: RegexNode, context: Context): CodePoints {
  switch (node.kind) {
    case 'set':
      return node.set
    case 'edge':
      return node.edge === 'text-end' && !context.isBackwards
        ? intersection(context.follow, AT_END)
        : node.edge.startsWith('last-') && !context.isBackwards
          ? intersection(context.follow, AT_LINE_END)
          : context.follow
    case 'look':
      return context.follow
    case 'reference':
      return ANYTHING
    case 'group':
    case 'atomic':
      return firstOf(node.body, context)
    case 'repeat': {
      if (node.max === 0) return context.follow
      const first = firstOf(node.body, context)
      return node.min === 0 || isNullable(node.body) ? union(first, context.follow) : first
    }
    case 'choice':
      return union(...node.branches.map((branch) => firstOf(branch, context)))
    case 'sequence': {
      let { follow } = context
      for (const part of context.isBackwards ? node.parts : [...node.parts].reverse()) {
        follow = firstOf(part, { ...context, follow })
      }
      return follow
    }
  }
}

function isNullable(node: RegexNode): boolean {
  return shortestOf(node) === 0
}

/** How many characters it takes at least. */
function shortestOf(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
      return 1
    case 'edge':
    case 'look':
    case 'reference':
      return 0
    case 'group':
    case 'atomic':
      return shortestOf(node.body)
    case 'repeat':
      return node.min === 0 ? 0 : node.min * shortestOf(node.body)
    case 'choice':
      return Math.min(...node.branches.map(shortestOf))
    case 'sequence':
      return sum(node.parts.map(shortestOf))
  }
}

/** 1 + base + base² + … + base^count. */
function powers(base: number, count: number): number {
  if (base <= 1) return count + 1
  return (base ** (count + 1) - 1) / (base - 1)
}

/** A product in which nothing times endless is nothing. */
function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
