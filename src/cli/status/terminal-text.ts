/** Control characters, and those that turn the direction of text: names and errors hold what rows hold. */
const UNPRINTABLE = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu
/** Characters that take two places. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]/u
const NO_WIDTH = /\p{Mn}|\u200B|\u200D/u

/** One line that does to a terminal nothing but stand there. */
export function printable(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(UNPRINTABLE, '\u{FFFD}')
}

/** How many places of a terminal a text takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

export function padded(text: string, width: number, side: 'left' | 'right'): string {
  const room = ' '.repeat(Math.max(0, width - widthOf(text)))
  return side === 'left' ? room + text : text + room
}

/** Lines of at most `width` places, broken at spaces where there are some; what is beyond `most` lines is left out. */
export function wrapped(text: string, width: number, most: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (widthOf(line) > width) {
      const head = cut(line, width)
      lines.push(head)
      line = line.slice(head.length)
    }
  }
  lines.push(line)
  if (lines.length <= most) return lines
  const last = lines[most - 1]!
  return [...lines.slice(0, most - 1), `${cut(last, Math.max(1, width - 2))} …`]
}

/** The beginning of a text that fits; at least a character. */
function cut(text: string, width: number): string {
  let head = ''
  for (const character of text) {
    if (head !== '' && widthOf(head + character) > width) break
    head += character
  }
  return head
}
