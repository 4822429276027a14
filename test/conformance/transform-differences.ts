/** What becomes of a record, or, with `config`, of all. */
export type Answer = 'dropped' | AnswerParts

interface AnswerParts {
  readonly config?: string
  readonly error?: string
  readonly message?: string
  readonly topic?: string
  readonly timestamp?: number
  readonly key?: string | null
  readonly value?: string | null
  readonly headers?: readonly (readonly [string, string | null])[]
}

interface Difference {
  readonly why: string
  readonly holds: (reference: AnswerParts, own: AnswerParts) => boolean
}

/** Where an answer may be another than the reference's. */
export const differences: readonly Difference[] = [
  {
    why: 'every failure of a transformation is a DataException, in the same words',
    holds: (reference, own) => own.error === 'DataException' && reference.message === own.message,
  },
  {
    why: 'where Java stumbles over a null or an index, the message says what is wrong, or nothing is',
    holds: ({ error, message = '' }, own) =>
      (error === 'NullPointerException' || message.startsWith('fromIndex(')) &&
      (own.error === 'DataException' || own.error === undefined),
  },
  {
    why: 'a record whose time is missing is named by its topic, not shown',
    holds: ({ message = '' }, own) =>
      message.startsWith('Timestamp missing on record: ') &&
      own.message?.startsWith('Timestamp missing on record: one of topic ') === true,
  },
  {
    why: 'messages about an option without the name of a Java class or object',
    holds: ({ config = '' }, own) =>
      /Invalid regex: |IllegalArgumentException|\$InsertionSpec@/.test(config) && !!own.config,
  },
  {
    why: 'SetSchemaMetadata changes schemas that are no structs, too',
    holds: ({ message }, own) =>
      message === 'Cannot list fields on non-struct type' &&
      (own.error === undefined || /Only Struct objects/.test(own.message ?? '')),
  },
  {
    why: 'a whole Decimal, Date, Time or Timestamp that was cast is written, though its schema has kept the name',
    holds: (reference, own) =>
      /!DataException: Invalid type for /.test(textOf(reference)) && own.error === undefined,
  },
  {
    why: 'moments beyond the year 275760 are refused',
    holds: (_, own) => / is beyond the year 275760/.test(own.message ?? ''),
  },
  {
    why: 'floats have the shortest digits, as Java writes them from 19 on',
    holds: (reference, own) => shortFloats(textOf(reference)) === shortFloats(textOf(own)),
  },
  {
    why: 'a field that is renamed to the name of another one: the later wins, and a struct without the field stays as it is',
    holds: (reference, own) =>
      reference.message === 's is not a valid field name' ||
      (/"id":1/.test(textOf(reference)) && /"id":"x"/.test(textOf(own))),
  },
  {
    why: 'an empty map is written, as one without schemas of keys and values',
    holds: (reference, own) => /!NullPointerException/.test(textOf(reference)) && own.error === undefined,
  },
]

/** Why the two may differ; undefined where they may not. */
export function differenceOf(reference: Answer, own: Answer): string | undefined {
  if (reference === 'dropped' || own === 'dropped') return undefined
  return differences.find(({ holds }) => holds(reference, own))?.why
}

function textOf({ key, value, headers }: AnswerParts): string {
  return [key, value, ...(headers ?? []).flat()].join('\n')
}

/** Numbers with an exponent, to six digits. */
function shortFloats(text: string): string {
  return text.replace(/\d\.\d+E\d+/g, (digits) => Number(digits).toPrecision(6))
}
