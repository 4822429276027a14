/**
 * Whether `*` (anything) and, where asked for, `?` (any one character) of a pattern fit a text; with `?`, a backslash
 * takes the next character as it is. Looks back only to the last star, so no pattern takes longer than text x pattern.
 */
export function matchesWildcard(pattern: string, text: string, hasSingle = false): boolean {
  let p = 0
  let t = 0
  let starAt = -1
  let resumeAt = 0
  while (t < text.length) {
    const isEscaped = hasSingle && pattern[p] === '\\' && p + 1 < pattern.length
    if (!isEscaped && pattern[p] === '*') {
      starAt = p++
      resumeAt = t
    } else if (
      isEscaped ? pattern[p + 1] === text[t] : (hasSingle && pattern[p] === '?') || pattern[p] === text[t]
    ) {
      p += isEscaped ? 2 : 1
      t++
    } else if (starAt >= 0) {
      p = starAt + 1
      t = ++resumeAt
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
