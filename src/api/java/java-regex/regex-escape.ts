import { classOfLetter, classOfName } from './character-classes.ts'
import { complement, type CodePoints } from './code-points.ts'
import { RegexSyntaxError, type RegexReader } from './regex-reader.ts'

export interface RegexFlags {
  readonly ignoreCase: boolean
  readonly unicodeCase: boolean
  readonly unicodeClasses: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly unixLines: boolean
  readonly comments: boolean
}

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, f: 12, r: 13, a: 7, e: 27 }

/** What `\` and a character stand for inside and outside of brackets: one code point, or a set of them. */
export function readEscape(reader: RegexReader, flags: RegexFlags): number | CodePoints {
  const letter = reader.next()
  if (letter === '') throw new RegexSyntaxError('the expression ends with a backslash')
  if (!/[A-Za-z0-9]/.test(letter)) return letter.codePointAt(0)!
  const control = CONTROLS[letter]
  if (control !== undefined) return control
  if (letter === 'p' || letter === 'P') return readProperty(reader, letter === 'P', flags)
  const set = classOfLetter(letter, flags.unicodeClasses)
  if (set !== null) return set
  const value = readNumber(letter, reader)
  if (value === null || Number.isNaN(value) || value > 0x10ffff) {
    throw new RegexSyntaxError(`\\${letter} is not supported here`)
  }
  return value
}

function readNumber(letter: string, reader: RegexReader): number | null {
  switch (letter) {
    case '0':
      return Number.parseInt(reader.takeWhile(/[0-7]/, /[0-3]/.test(reader.peek()) ? 3 : 2), 8)
    case 'x':
      return reader.takes('{') ? hexadecimal(reader.takeUntil('}', '\\x{')) : digits(reader, 2)
    case 'u':
      return readUtf16(reader)
    case 'c':
      return (reader.next().codePointAt(0) ?? Number.NaN) ^ 0x40
    default:
      return null
  }
}

function readUtf16(reader: RegexReader): number {
  const first = digits(reader, 4)
  const isPair = first >= 0xd800 && first < 0xdc00 && reader.peek() === '\\' && reader.peek(1) === 'u'
  if (!isPair) return first
  reader.takes('\\u')
  const second = digits(reader, 4)
  return String.fromCharCode(first, second).codePointAt(0)!
}

function digits(reader: RegexReader, count: number): number {
  const text = reader.takeWhile(/[0-9a-fA-F]/, count)
  return text.length === count ? hexadecimal(text) : Number.NaN
}

function hexadecimal(text: string): number {
  return /^[0-9a-fA-F]+$/.test(text) ? Number.parseInt(text, 16) : Number.NaN
}

function readProperty(reader: RegexReader, isNegated: boolean, flags: RegexFlags): CodePoints {
  const name = reader.takes('{') ? reader.takeUntil('}', '\\p{').trim() : reader.next()
  const set = classOfName(name, flags.ignoreCase)
  if (set === null) throw new RegexSyntaxError(`there is no character class \\p{${name}} here`)
  return isNegated ? complement(set) : set
}
