/**
 * A set of code points: the first and last of each range, ascending and apart from each other. `END` stands in it for
 * the end of the text, where what may follow is meant.
 */
export type CodePoints = readonly number[]

export const LAST_CODE_POINT = 0x10ffff
export const END = LAST_CODE_POINT + 1
export const NOTHING: CodePoints = []
/** Every character, and the end of the text. */
export const ANYTHING: CodePoints = [0, END]
export const EVERY_CODE_POINT: CodePoints = [0, LAST_CODE_POINT]
export const AT_END: CodePoints = [END, END]

export function union(...sets: readonly CodePoints[]): CodePoints {
  const ranges: (readonly [number, number])[] = []
  for (const set of sets) for (let at = 0; at < set.length; at += 2) ranges.push([set[at]!, set[at + 1]!])
  ranges.sort(([a], [b]) => a - b)
  const result: number[] = []
  for (const [first, last] of ranges) {
    const end = result.length - 1
    if (end > 0 && first <= result[end]! + 1) result[end] = Math.max(result[end]!, last)
    else result.push(first, last)
  }
  return result
}

/** The code points that are not in a set. */
export function complement(set: CodePoints): CodePoints {
  const result: number[] = []
  let next = 0
  for (let at = 0; at < set.length; at += 2) {
    if (set[at]! > next) result.push(next, set[at]! - 1)
    next = set[at + 1]! + 1
  }
  if (next <= LAST_CODE_POINT) result.push(next, LAST_CODE_POINT)
  return result
}

export function intersection(a: CodePoints, b: CodePoints): CodePoints {
  const result: number[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const first = Math.max(a[i]!, b[j]!)
    const last = Math.min(a[i + 1]!, b[j + 1]!)
    if (first <= last) result.push(first, last)
    if (a[i + 1]! < b[j + 1]!) i += 2
    else j += 2
  }
  return result
}

export function areDisjoint(a: CodePoints, b: CodePoints): boolean {
  return intersection(a, b).length === 0
}

/** The code points of some characters and of ranges of two, such as `setOf('_', 'az')`. */
export function setOf(...ranges: readonly string[]): CodePoints {
  return union(
    ...ranges.map((range) => {
      const [first, last] = Array.from(range, (character) => character).map((character) =>
        character.codePointAt(0)!,
      )
      return [first!, last ?? first!]
    }),
  )
}
