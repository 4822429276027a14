import { complement, intersection, union, type CodePoints } from './code-points.ts'
import { withAsciiCases, withUnicodeCases } from './letter-case.ts'
import { readEscape, type RegexFlags } from './regex-escape.ts'
import { RegexSyntaxError, type RegexReader } from './regex-reader.ts'

const MOST_NESTED = 50

/** What is in brackets, whose first has been read: unions, ranges, nested brackets, and `&&` for intersections. */
export function readClass(reader: RegexReader, flags: RegexFlags, depth = 0): CodePoints {
  if (depth > MOST_NESTED) throw new RegexSyntaxError('brackets are nested too deeply')
  const isNegated = reader.takes('^')
  let result: CodePoints | null = null
  let items: CodePoints[] = []
  const close = (): void => {
    const operand = union(...items)
    result = result === null ? operand : intersection(result, operand)
    items = []
  }
  for (let isFirst = true; ; isFirst = false) {
    if (flags.comments) skipComments(reader)
    const next = reader.peek()
    if (next === '') throw new RegexSyntaxError('a character class is not closed: ] is missing')
    if (next === ']' && !isFirst) break
    if (reader.takes('&&')) {
      close()
      if (reader.peek() === ']') throw new RegexSyntaxError('&& in brackets needs something on its right')
    } else if (reader.takes('[')) items.push(readClass(reader, flags, depth + 1))
    else items.push(readItem(reader, flags))
  }
  reader.next()
  close()
  return isNegated ? complement(result!) : result!
}

/** A character, a range, or an escape that stands for several. */
function readItem(reader: RegexReader, flags: RegexFlags): CodePoints {
  const first = readOne(reader, flags)
  if (typeof first !== 'number') return first
  if (reader.peek() !== '-' || /^[\][]?$/.test(reader.peek(1))) return inCases([first, first], flags)
  reader.next()
  const last = readOne(reader, flags)
  if (typeof last !== 'number' || last < first)
    throw new RegexSyntaxError('a range in brackets is in disorder')
  return inCases([first, last], flags)
}

function readOne(reader: RegexReader, flags: RegexFlags): number | CodePoints {
  return reader.takes('\\') ? readEscape(reader, flags) : reader.next().codePointAt(0)!
}

/** A set as the flags want its letters. */
export function inCases(set: CodePoints, { ignoreCase, unicodeCase }: RegexFlags): CodePoints {
  if (!ignoreCase) return set
  return unicodeCase ? withUnicodeCases(set) : withAsciiCases(set)
}

/** With `(?x)`, spaces mean nothing, and neither does what comes after `#` on its line. */
export function skipComments(reader: RegexReader): void {
  for (;;) {
    reader.takeWhile(/[ \t\n\v\f\r]/)
    if (!reader.takes('#')) return
    reader.takeWhile(/[^\n\r\u0085\u2028\u2029]/)
  }
}
