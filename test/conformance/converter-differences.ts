/** What becomes of a value or of bytes, or, with `config`, of all. */
export interface ConverterAnswer {
  readonly config?: string
  readonly bytes?: string | null
  /** Schema and value, as JsonConverter writes them. */
  readonly data?: string | null
  readonly error?: string
  readonly message?: string | null
}

interface Difference {
  readonly why: string
  readonly holds: (reference: ConverterAnswer, own: ConverterAnswer) => boolean
}

/** Where an answer may be another than the reference's. */
export const converterDifferences: readonly Difference[] = [
  {
    why: 'a record that needs a delegate is told by the class of its value: errors have no row data',
    holds: ({ error, message }, own) =>
      error === own.error && DELEGATE_MISSING.test(message ?? '') && DELEGATE_MISSING.test(own.message ?? ''),
  },
  {
    why: 'floats have the shortest digits, as Java writes them from 19 on; maps without a schema keep the order of the text',
    holds: (reference, own) => own.data != null && canonical(own.data) === canonical(reference.data),
  },
  {
    why: 'text that begins as a value and goes on is text, whole',
    holds: (_, own) => own.data?.startsWith('{"schema":{"type":"string","optional":false}') === true,
  },
  {
    why: 'a map whose values are of several types has no schema for them, rather than a wrong one',
    holds: ({ message }, own) => message?.startsWith('Invalid type for ') === true && own.data !== undefined,
  },
  {
    why: 'where Java stumbles over a null, it is null, or an empty map',
    holds: ({ error }, own) => error === 'NullPointerException' && own.data !== undefined,
  },
  {
    why: 'bytes as text are their characters, not the place of an object in memory',
    holds: ({ bytes }, own) => own.bytes !== undefined && textOf(bytes).replaceAll('\0', '').includes('[B@'),
  },
  {
    why: 'encodings that Node.js does not have are refused, by what they are called',
    holds: (_, own) =>
      own.config?.startsWith('Invalid value ') === true && own.config.includes('converter.encoding'),
  },
  {
    why: 'integers of more than 64 bits arrive as they are',
    holds: (reference, own) =>
      own.data !== undefined && BEYOND_64_BITS.test(own.data ?? '') && reference.error === undefined,
  },
  {
    why: 'JSON that something follows is no JSON',
    holds: (_, own) =>
      own.message === 'Converting byte[] to Kafka Connect data failed due to serialization error: ',
  },
  {
    why: 'a decimal without a scale is refused in other words',
    holds: (reference, own) =>
      reference.message === 'Invalid bytes for Decimal field' && own.message?.includes('scale') === true,
  },
  {
    why: 'bytes that are no UTF-8 have a mark each, as Java has one for several',
    holds: (reference, own) =>
      own.data?.includes('\u{fffd}') === true && marks(reference.data) === marks(own.data),
  },
]

const DELEGATE_MISSING = /^A t of type '.*' requires a delegate\.converter\.type to be configured$/s
const BEYOND_64_BITS = /(?:^|\D)\d{19,}(?:\D|$)/

function canonical(text: string | null | undefined): string | undefined {
  if (text == null) return undefined
  const isFloat = text.includes('"type":"float"')
  return JSON.stringify(JSON.parse(text), (_name, value: unknown) => {
    if (typeof value === 'number') return isFloat ? Math.fround(value) : value
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function textOf(hex: string | null | undefined): string {
  return Buffer.from(hex ?? '', 'hex').toString('latin1')
}

function marks(text: string | null | undefined): string {
  return (text ?? '').replaceAll(/\u{fffd}+/gu, '\u{fffd}')
}

/** Why the two may differ; undefined where they may not. */
export function converterDifferenceOf(reference: ConverterAnswer, own: ConverterAnswer): string | undefined {
  return converterDifferences.find(({ holds }) => holds(reference, own))?.why
}
