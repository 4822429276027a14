/** As Elasticsearch's JSON parser: whatever walks over parsed JSON may recurse this deep, and need not look. */
export const MAX_JSON_DEPTH = 1_000

/** Throws for text that nests deeper. A text too short for that many brackets costs nothing. */
export function checkNesting(text: string): void {
  if (text.length < MAX_JSON_DEPTH * 2) return
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (character === QUOTE) i = endOfString(text, i)
    else if (character === OPEN_BRACE || character === OPEN_BRACKET) {
      if (++depth > MAX_JSON_DEPTH) throw new SyntaxError(`JSON nests deeper than ${MAX_JSON_DEPTH} levels`)
    } else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) depth--
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (character === BACKSLASH) i++
    else if (character === QUOTE) return i
  }
  return text.length
}
