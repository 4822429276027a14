/** Cuts a text into the tokens that are searched; the same for documents and for queries. */
export type Analyzer = (text: string) => string[]

/** Elasticsearch's standard tokenizer cuts longer words at this length. */
const MAX_TOKEN_LENGTH = 255

const ASCII = /^[\0-\x7f]*$/

// The word boundaries of Unicode (UAX #29) as Lucene applies them: an apostrophe, dot or colon between letters and a
// dot, comma or semicolon between digits do not part; an underscore joins; everything else parts.
const ASCII_WORD = /_*[a-z0-9](?:[a-z0-9_]|(?<=[a-z])[:.'](?=[a-z])|(?<=[0-9])[.,;'](?=[0-9]))*/g

const WORD = buildWordPattern()

function buildWordPattern(): RegExp {
  const mark = '[\\p{M}\\u200d]*'
  // Han, Hiragana: a token per character, as there is no dictionary; Katakana and Hangul words stay whole.
  const single = `[\\p{Script=Han}\\p{Script=Hiragana}]${mark}`
  const katakana = `(?:[\\p{Script=Katakana}\\u30fc\\uff70]${mark})+`
  const letter =
    '[[\\p{Alphabetic}]--[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u30fc\\uff70\\p{M}]]'
  const digit = '\\p{Nd}'
  const inner = `[${letter}${digit}\\p{Pc}\\p{M}\\u200d]`
  const betweenLetters = `(?<=${letter}${mark})[:.'\\u00b7\\u2018\\u2019\\u2024\\u2027\\uff07\\uff0e\\uff1a](?=${letter})`
  const betweenDigits = `(?<=${digit})[.,;'\\u2018\\u2019\\u2024\\u066c\\uff07\\uff0c\\uff0e\\uff1b](?=${digit})`
  const word = `\\p{Pc}*[${letter}${digit}](?:${inner}|${betweenLetters}|${betweenDigits})*`
  const emoji = '\\p{RGI_Emoji}'
  return new RegExp(`${single}|${katakana}|${word}|${emoji}`, 'gv')
}

/** Lower case letter by letter, as Java does it: neither a final sigma nor a dotted I is treated by its neighbours. */
function lowerCase(text: string): string {
  return text.replaceAll('\u0130', 'i').replaceAll('\u03a3', '\u03c3').toLowerCase()
}

function cutLong(tokens: string[]): string[] {
  if (tokens.every((token) => token.length <= MAX_TOKEN_LENGTH)) return tokens
  return tokens.flatMap((token) => token.match(/[^]{1,255}/g) ?? [])
}

const standard: Analyzer = (text) => {
  const lower = ASCII.test(text) ? text.toLowerCase() : lowerCase(text)
  return cutLong(lower.match(ASCII.test(text) ? ASCII_WORD : WORD) ?? [])
}

const analyzers: ReadonlyMap<string, Analyzer> = new Map<string, Analyzer>([
  ['standard', standard],
  ['default', standard],
  ['simple', (text) => cutLong(lowerCase(text).match(/\p{L}+/gu) ?? [])],
  ['whitespace', (text) => cutLong(text.match(/\S+/gu) ?? [])],
  ['keyword', (text) => (text === '' ? [] : [text])],
])

/** The analyzers that a mapping may name; undefined for any other. */
export function findAnalyzer(name: string): Analyzer | undefined {
  return analyzers.get(name)
}
