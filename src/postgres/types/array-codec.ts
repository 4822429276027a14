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
      const values = parseNested(bytes.toString('utf8', start, end)).map((text) => {
        if (typeof text !== 'string') return null
        const own = Buffer.from(text)
        return element.decode(own, 0, own.length)
      })
      return options.isElementOptional || !values.includes(null) ? values : null
    },
    zero: [],
    placeholder: options.placeholder,
  }
}

/** Texts of elements in the arrays that they are in. */
export type NestedTexts = readonly (string | null | NestedTexts)[]

/** The elements' texts of `{1,NULL,"a \"b\""}`, with bounds before it (`[0:1]={…}`) or not. */
export function parseNested(text: string): NestedTexts {
  return parseFrom(text, text.startsWith('[') ? text.indexOf('=') + 1 : 0).elements
}

function parseFrom(text: string, start: number): { readonly elements: NestedTexts; readonly end: number } {
  const elements: NestedTexts[number][] = []
  let at = start
  if (text[at] !== '{') throw malformed(text)
  at++
  if (text[at] === '}') return { elements, end: at + 1 }
  for (;;) {
    if (text[at] === '{') {
      const inner = parseFrom(text, at)
      at = inner.end
      elements.push(inner.elements)
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
    if (next === '}') return { elements, end: at }
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

function malformed(text: string): DataError {
  return new DataError('postgres.value-malformed', `Not an array: ${text.length} characters of other text`)
}
