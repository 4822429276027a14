import { intersection, setOf, union, type CodePoints } from './code-points.ts'

const UPPER = setOf('AZ')
const LOWER = setOf('az')
const DISTANCE = 'a'.charCodeAt(0) - 'A'.charCodeAt(0)
/** No letter beyond has two cases. */
const LAST_CASED = 0x1e943

/** A set with the other case of its ASCII letters, as `CASE_INSENSITIVE` alone means it in Java. */
export function withAsciiCases(set: CodePoints): CodePoints {
  const lowered = intersection(set, UPPER).map((letter) => letter + DISTANCE)
  const raised = intersection(set, LOWER).map((letter) => letter - DISTANCE)
  return lowered.length + raised.length === 0 ? set : union(set, lowered, raised)
}

/** A set with the other cases of all its letters: `UNICODE_CASE`. */
export function withUnicodeCases(set: CodePoints): CodePoints {
  const added: number[] = []
  for (const family of caseFamilies()) {
    if (family.some((letter) => has(set, letter))) for (const letter of family) added.push(letter, letter)
  }
  return added.length === 0 ? set : union(set, added)
}

function has(set: CodePoints, codePoint: number): boolean {
  for (let at = 0; at < set.length && set[at]! <= codePoint; at += 2)
    if (codePoint <= set[at + 1]!) return true
  return false
}

let families: readonly (readonly number[])[] | null = null

/** Letters that are the same but for their case, as Java compares them: by the small letter of the capital. */
function caseFamilies(): readonly (readonly number[])[] {
  if (families !== null) return families
  const byFold = new Map<string, number[]>()
  for (let codePoint = 0; codePoint <= LAST_CASED; codePoint++) {
    const letter = String.fromCodePoint(codePoint)
    const folded = single(
      single(letter, letter.toUpperCase()),
      single(letter, letter.toUpperCase()).toLowerCase(),
    )
    const family = byFold.get(folded)
    if (family === undefined) byFold.set(folded, [codePoint])
    else family.push(codePoint)
  }
  families = [...byFold.values()].filter(({ length }) => length > 1)
  return families
}

/** What a letter becomes where that is one letter; else itself. */
function single(letter: string, mapped: string): string {
  return mapped.length === letter.length ? mapped : letter
}
