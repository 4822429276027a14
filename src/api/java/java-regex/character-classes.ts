import { complement, EVERY_CODE_POINT, intersection, setOf, union, type CodePoints } from './code-points.ts'

export const LINE_ENDS = setOf('\n', '\r', '\u0085', '\u2028', '\u2029')
const DIGIT = setOf('09')
const WORD = setOf('az', 'AZ', '09', '_')
const ALPHA = setOf('az', 'AZ')
const GRAPH = setOf('!~')
const SPACE = setOf('\t\r', ' ')

const HORIZONTAL = setOf(
  ' ',
  '\t',
  '\u00a0',
  '\u1680',
  '\u180e',
  '\u2000\u200a',
  '\u202f',
  '\u205f',
  '\u3000',
)
const VERTICAL = setOf('\n\r', '\u0085', '\u2028', '\u2029')

const BY_LETTER: Readonly<Record<string, CodePoints>> = {
  d: DIGIT,
  w: WORD,
  s: SPACE,
  h: HORIZONTAL,
  v: VERTICAL,
}

const POSIX: Readonly<Record<string, CodePoints>> = {
  Lower: setOf('az'),
  Upper: setOf('AZ'),
  ASCII: setOf('\u0000\u007f'),
  Alpha: ALPHA,
  Digit: DIGIT,
  Alnum: union(ALPHA, DIGIT),
  Punct: intersection(GRAPH, complement(union(ALPHA, DIGIT))),
  Graph: GRAPH,
  Print: setOf(' ~'),
  Blank: setOf(' ', '\t'),
  Cntrl: setOf('\u0000\u001f', '\u007f'),
  XDigit: setOf('09', 'af', 'AF'),
  Space: SPACE,
  L1: setOf('\u0000\u00ff'),
  all: EVERY_CODE_POINT,
}

/** What Java's names stand for that JavaScript has otherwise; several are united. */
const RENAMED: Readonly<Record<string, readonly string[]>> = {
  LD: ['L', 'Nd'],
  javaLowerCase: ['Lowercase'],
  javaUpperCase: ['Uppercase'],
  javaTitleCase: ['Lt'],
  javaAlphabetic: ['Alphabetic'],
  javaIdeographic: ['Ideographic'],
  javaLetter: ['L'],
  javaDigit: ['Nd'],
  javaLetterOrDigit: ['L', 'Nd'],
  javaDefined: ['Assigned'],
  IsLetter: ['L'],
  IsDigit: ['Nd'],
  IsTitlecase: ['Lt'],
  IsPunctuation: ['P'],
  IsControl: ['Cc'],
}

const CASED = /^(?:Is|gc=|general_category=)?(?:Lu|Ll|Lt)$|^(?:Is|java)?(?:Lower|Upper|Title)_?[cC]ase$/

/** `\d`, `\w`, `\s`, `\h`, `\v` by their letter; in capitals, what is not in them. Null: no such letter. */
export function classOfLetter(letter: string, isUnicode: boolean): CodePoints | null {
  const small = letter.toLowerCase()
  const ascii = BY_LETTER[small]
  if (ascii === undefined) return null
  const set = isUnicode ? (unicodeClass(small) ?? ascii) : ascii
  return letter === small ? set : complement(set)
}

function unicodeClass(letter: string): CodePoints | null {
  if (letter === 'd') return propertySet('Nd')
  if (letter === 's') return propertySet('White_Space')
  if (letter !== 'w') return null
  return union(...['Alphabetic', 'M', 'Nd', 'Pc', 'Join_Control'].map((name) => propertySet(name)!))
}

/** `\p{name}`; null: there is none of that name, or only Java has it. */
export function classOfName(name: string, ignoreCase: boolean): CodePoints | null {
  if (ignoreCase && CASED.test(name)) return classOfAny(['Lu', 'Ll', 'Lt'])
  if (ignoreCase && /^(?:Lower|Upper)$/.test(name)) return ALPHA
  if (Object.hasOwn(POSIX, name)) return POSIX[name]!
  if (Object.hasOwn(RENAMED, name)) return classOfAny(RENAMED[name]!)
  const [key, value] = name.includes('=')
    ? (name.split('=', 2) as [string, string])
    : ['', name.replace(/^Is/, '')]
  switch (key.toLowerCase()) {
    case '':
      return propertySet(value) ?? propertySet(`Script=${titled(value)}`)
    case 'gc':
    case 'general_category':
      return propertySet(`General_Category=${value}`)
    case 'sc':
    case 'script':
      return propertySet(`Script=${titled(value)}`)
    default:
      return null
  }
}

function classOfAny(properties: readonly string[]): CodePoints {
  return union(...properties.map((property) => propertySet(property)!))
}

/** Java takes names of scripts in any case. */
function titled(name: string): string {
  return name.toLowerCase().replace(/(?:^|_)[a-z]/g, (start) => start.toUpperCase())
}

const SURROGATES: CodePoints = [0xd800, 0xdfff]
const SURROGATE_FREE = 0x10000 - 0x800
/** The planes of Unicode in which characters differ; in the others all are the same but for the last two. */
const VARIED_PLANES = [0, 1, 2, 3, 14]
const UNIFORM = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16].flatMap((plane): CodePoints[] => [
  [plane * 0x10000, plane * 0x10000 + 0xfffd],
  [plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff],
])
const properties = new Map<string, CodePoints | null>()

/** The code points of a property as JavaScript knows it, or null. */
function propertySet(property: string): CodePoints | null {
  const known = properties.get(property)
  if (known !== undefined) return known
  const set = lookUp(property)
  properties.set(property, set)
  return set
}

function lookUp(property: string): CodePoints | null {
  if (!/^[A-Za-z0-9_=]+$/.test(property)) return null
  let runs: RegExp
  try {
    runs = new RegExp(`\\p{${property}}+`, 'gu')
  } catch {
    return null
  }
  const found: CodePoints[] = []
  for (const plane of VARIED_PLANES) {
    for (const { index, 0: run } of planeText(plane).matchAll(runs)) {
      found.push([placeAt(plane, index), placeAt(plane, index + run.length) - 1])
    }
  }
  const one = new RegExp(`^\\p{${property}}$`, 'u')
  for (const range of UNIFORM) if (one.test(String.fromCodePoint(range[0]!))) found.push(range)
  const all = union(...found)
  return one.test('\ud800') ? union(all, SURROGATES) : intersection(all, complement(SURROGATES))
}

/** The text of a plane's code points in their order, without surrogates. */
function planeText(plane: number): string {
  const units = new Uint16Array(plane === 0 ? SURROGATE_FREE : 0x20000)
  for (let at = 0; at < units.length; at++) {
    if (plane === 0) units[at] = at < 0xd800 ? at : at + 0x800
    else {
      const offset = plane * 0x10000 - 0x10000 + (at >> 1)
      units[at] = at % 2 === 0 ? 0xd800 + (offset >> 10) : 0xdc00 + (offset & 0x3ff)
    }
  }
  return Buffer.from(units.buffer).toString('utf16le')
}

/** The code point at a place of a plane's text. */
function placeAt(plane: number, index: number): number {
  if (plane > 0) return plane * 0x10000 + index / 2
  return index < 0xd800 ? index : index + 0x800
}
