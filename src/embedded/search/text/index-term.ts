/**
 * The terms of the full-text index. FTS5 sees one column of ready-made terms, `FIELD_TERM`, parted by spaces: FIELD is
 * a hash of the field's path, TERM a token of its text or the start of its value. FTS5 only finds candidates, and the
 * source decides, so terms may collide, but must never miss.
 *
 * The table's tokenizer is `ascii` with every printable character a token character: it parts at spaces and control
 * characters only, and folds A-Z. Both are undone here (escaped, or already so), so no text of a user can break out.
 */

/** All of printable ASCII that is neither letter nor digit: what `tokenchars` of the table must name. */
export const TOKEN_CHARACTERS = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/** Long values are found by their start and a hash, so that they do not fill the index. */
const VALUE_PREFIX_LENGTH = 12

// oxlint-disable-next-line no-control-regex -- these are the characters that would part a term
const PARTING = /[\0-\x20\x7f%]/g

function escapeTerm(text: string): string {
  return text.replace(PARTING, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** FNV-1a over UTF-16 units. */
function hashText(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(36)
}

export function fieldPrefix(path: string): string {
  return `${hashText(path)}_`
}

/** The term of one token of an analysed text. */
export function tokenTerm(prefix: string, token: string): string {
  return prefix + escapeTerm(token)
}

/**
 * The term of a value that is searched as a whole: keyword, number, date, boolean. A short one in lower case stands
 * as it is; any other by its start and a hash, which also tells `Red` from `red` where the tokenizer does not.
 */
export function valueTerm(prefix: string, value: string): string {
  if (value.length <= VALUE_PREFIX_LENGTH && !/[A-Z]/.test(value)) return prefix + escapeTerm(value)
  return `${prefix}${escapeTerm(value.slice(0, VALUE_PREFIX_LENGTH))}%~${hashText(value)}`
}

const quote = (term: string): string => `"${term.replaceAll('"', '""')}"`

/** A `MATCH` expression for the rows that have the term. */
export function matchTerm(term: string): string {
  return quote(term)
}

/** A `MATCH` expression for the rows with a token, or value, that starts so. */
export function matchPrefix(prefix: string, start: string): string {
  return `${quote(prefix + escapeTerm(start.slice(0, VALUE_PREFIX_LENGTH)))} *`
}

/** How the term stands in the vocabulary of FTS5, after its tokenizer has folded it. */
export function foldTerm(term: string): string {
  return term.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
