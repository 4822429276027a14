import { DataError } from '../../api/errors.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { ValueCodec } from './value-codec.ts'

/**
 * Arrays of one dimension; elements may be null. Inner arrays become null, as in the reference: the schema has one
 * dimension, and PostgreSQL does not fix how many a column's values have.
 * @param isElementOptional false: an array with a null in it cannot be represented
 */
export function arrayCodec(
  element: ValueCodec,
  options: { readonly isElementOptional: boolean; readonly placeholder: ConnectValue },
): ValueCodec {
  return {
    schema: {
      type: 'array',
      optional: false,
      valueSchema: options.isElementOptional ? { ...element.schema, optional: true } : element.schema,
    },
    decode: (bytes, start, end) => {
      const values = parseArray(bytes.toString('utf8', start, end)).map((text) => {
        if (text === null) return null
        const own = Buffer.from(text)
        return element.decode(own, 0, own.length)
      })
      return options.isElementOptional || !values.includes(null) ? values : null
    },
    zero: [],
    placeholder: options.placeholder,
  }
}

/** The elements' texts of `{1,NULL,"a \"b\""}`, with bounds before it (`[0:1]={…}`) or not; null for inner arrays. */
export function parseArray(text: string): (string | null)[] {
  const elements: (string | null)[] = []
  let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0
  if (text[at] !== '{') throw malformed(text)
  at++
  if (text[at] === '}') return elements
  for (;;) {
    if (text[at] === '{') {
      at = skipInner(text, at)
      elements.push(null)
    } else if (text[at] === '"') {
      const end = closingQuote(text, at)
      elements.push(text.slice(at + 1, end).replaceAll(/\\(.)/gs, '$1'))
      at = end + 1
    } else {
      const end = plainEnd(text, at)
      const plain = text.slice(at, end)
      // In quotes it is the word, without them it is null.
      elements.push(plain.toUpperCase() === 'NULL' ? null : plain)
      at = end
    }
    const next = text[at++]
    if (next === '}') return elements
    // Arrays of `box` are separated by semicolons.
    if (next !== ',' && next !== ';') throw malformed(text)
  }
}

function plainEnd(text: string, start: number): number {
  let at = start
  while (at < text.length && text[at] !== ',' && text[at] !== ';' && text[at] !== '}') at++
  return at
}

function closingQuote(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  if (at >= text.length) throw malformed(text)
  return at
}

function skipInner(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') at = closingQuote(text, at)
    else if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return at + 1
  }
  throw malformed(text)
}

function malformed(text: string): DataError {
  return new DataError('postgres.value-malformed', `Not an array: ${text.length} characters of other text`)
}
